"""Stable refusal codes: what was wrong, and what the person can do next, zh and en.

A refusal is a value, never an exception. Its code never changes its meaning; its texts
may be mended. `detail` fills the texts' braces. Codes name the fault (`SeatTaken`).
Their texts stand by group in `refusal_texts/`.
"""

from msgspec import Struct

from protocol.refusal_texts import (
    asking,
    ceremony,
    certificates,
    committee,
    identity,
    machines,
    media,
    milestones,
    opening,
    oversight,
    papers,
    recognition,
    recording,
    review,
    seals,
    signatures,
    turns,
    uploads,
)
from protocol.words import Term


class Refusal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why an act was not done. `code` is a key of `TEXTS`; `detail` are its particulars."""

    code: str
    detail: dict[str, str] = {}


_GROUPS = (
    asking, committee, opening, review, turns, certificates, identity, milestones, uploads, ceremony,
    signatures, papers, seals, media, recording, recognition, machines, oversight,
)  # fmt: skip

TEXTS: dict[str, Term] = {code: term for group in _GROUPS for code, term in group.TEXTS.items()}
"""Code to texts; braces are filled from a refusal's `detail`."""


def refuse(code: str, **detail: object) -> Refusal:
    """A refusal with its particulars as text; the code must be registered.

    Raises:
      KeyError: the code has no texts (a mistake of ours, found by the tests).

    >>> text(refuse("AlreadyCheckedIn", seat="M2")).en
    'Seat “M2” has checked in.'
    """
    TEXTS[code]
    return Refusal(code=code, detail={name: str(value) for name, value in detail.items()})


def text(refusal: Refusal) -> Term:
    """The refusal's Chinese and English text with its particulars filled in."""
    term = TEXTS[refusal.code]
    blank = _Blank(refusal.detail)
    return Term(term.zh.format_map(blank), term.en.format_map(blank))


class _Blank(dict[str, str]):
    """Leaves an unfilled brace visible as a question mark instead of raising."""

    def __missing__(self, key: str) -> str:
        return "?"
