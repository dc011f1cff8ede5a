"""The course (评审进程): what goes otherwise than straight on in an evaluation that is played.

Owns the forms, all data: who finds what, asks, votes, signs. Without any of it everything is found in order,
which is `PLAIN`. The roles' rules (`ops.people.roles`) read it; must not know how an act is made.
"""

from typing import Final

from msgspec import Struct

from protocol.commands_review import Verdict


class Course(Struct, frozen=True, kw_only=True):
    """How an evaluation goes. `marks`: (seat or `desk`, bidder, item) → what is found there; else `pass`."""

    marks: dict[tuple[str, str, str], Verdict] = {}


PLAIN: Final = Course()
"""Straight on."""
