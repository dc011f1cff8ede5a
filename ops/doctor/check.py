"""What a look at the machine found: one green or red line, with its remedy in both languages."""

import subprocess
from typing import Final

from msgspec import Struct

ASK_S: Final = 20.0
"""How long another program may take to answer."""


class Check(Struct, frozen=True):
    """One line: what was looked at, what was found, and the remedy where it is not well.

    A line that is not `needed` is a wish: yellow where it is not met, and no reason to end with 1.
    """

    name: str
    ok: bool
    needed: bool
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""


def first_line(*command: str) -> str | None:
    """The first line a program prints, or None when it is not there or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip().split("\n", 1)[0]
