"""What an act's own rule is asked, and what it answers: the one shape that all groups' rules have.

A group (`committee`, `review`, `turns`) lists its rules by the form of the act's content; `decide`,
`checks`, `moves` and `evolve` look them up. Header, phase and role have been met before.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from protocol.commands import Command
from protocol.events import Event
from protocol.hidden import Disclosed
from protocol.refusals import Refusal
from protocol.session.state import Speaker, State, Track

Decision = tuple[Event, ...] | Refusal
Findings = tuple[Refusal, ...]


class Asked(NamedTuple):
    """An act before its rule: `track` is that of the command's stage, None for the session's own.

    `at` is the entry's clock, ms; acts that draw lots take `entropy`, 32 bytes, and nothing else.
    """

    state: State
    track: Track | None
    command: Command
    who: Speaker
    at: int
    entropy: bytes

    @property
    def here(self) -> Track:
        """The track of an act whose scope is a stage."""
        assert self.track is not None
        return self.track


Deciding = Callable[[Asked, Any], Decision]
"""(asked, content) -> events, or why not."""

Checking = Callable[[State, Track | None, Any, Disclosed], Findings]
"""(state, track, content, disclosed) -> what is wrong with the hidden inputs."""

Guard = Callable[[State, Track | None], Refusal | None]
"""None when a move may go on, otherwise who or what is awaited."""
