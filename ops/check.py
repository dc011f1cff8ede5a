"""What a check of the machine found: one green or red line, with its remedy."""

from msgspec import Struct


class Check(Struct, frozen=True):
    """One line: what was looked at, what was found, and the remedy where it is not well."""

    name: str
    ok: bool
    needed: bool
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""
