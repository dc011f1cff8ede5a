"""What goes wrong for a person at the terminal: a sentence in each language, never a traceback.

Owns the one exception that the command shows as text, and how it is shown. Whoever raises it says what to
do next.
"""

import sys
from typing import Final, TextIO

STOPPED: Final = 130
"""The exit code of a command that was stopped by Ctrl-C or SIGTERM."""


class Trouble(Exception):
    """Something the person can mend: `zh` and `en` say what and how; the command ends with `exit_code`."""

    def __init__(self, zh: str, en: str, exit_code: int = 1) -> None:
        """Keep both texts; the exception's own text is the English one."""
        super().__init__(en)
        self.zh = zh
        self.en = en
        self.exit_code = exit_code


def show(trouble: Trouble, out: TextIO | None = None) -> None:
    """Print a trouble, Chinese first, on stderr unless told otherwise."""
    where = out or sys.stderr
    print(f"✗ {trouble.zh}\n  {trouble.en}", file=where, flush=True)
