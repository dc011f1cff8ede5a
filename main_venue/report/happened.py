"""What happened in a session of rules version 3, act by act, as a report tells it (SPEC 15-17).

Owns finding an act again with its time, and the words that people wrote. Times are the entries' own. Under
versions 1 and 2 nothing of this happens. Must not know how anything is told.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, get_args

from msgspec import Struct

from protocol import events_draw, events_review, events_turns
from protocol.canonical import NotCanonical
from protocol.entry import Entry
from protocol.events_turns import CommitteeVoided
from protocol.hidden import Disclosed

_TOLD: Final = frozenset(
    {
        *get_args(events_draw.DrawEvent),
        *get_args(events_review.ReviewEvent),
        *get_args(events_turns.TurnsEvent),
    }
)


class Happening(Struct, frozen=True):
    """An event of version 3: when its entry was made (ms), the entry's `seq`, the event."""

    at_ms: int
    seq: int
    event: Any


def happenings(entries: Iterable[Entry]) -> tuple[Happening, ...]:
    """Every event of version 3's three groups, in the record's order."""
    return tuple(
        Happening(one.at, one.seq, event) for one in entries for event in one.events if type(event) in _TOLD
    )


def of(happened: tuple[Happening, ...], *kinds: type, **fields: Any) -> Iterator[Happening]:
    """The events of some kinds whose fields have these values."""
    for one in happened:
        if isinstance(one.event, kinds) and all(
            getattr(one.event, name) == value for name, value in fields.items()
        ):
            yield one


def at_ms(happened: tuple[Happening, ...], kind: type, **fields: Any) -> int:
    """When the last such event was entered; 0 where there is none."""
    return max((one.at_ms for one in of(happened, kind, **fields)), default=0)


def since_void(happened: tuple[Happening, ...]) -> tuple[Happening, ...]:
    """What happened under the present committee: all of it, or what followed the last void committee."""
    last = max((one.seq for one in of(happened, CommitteeVoided)), default=-1)
    return tuple(one for one in happened if one.seq > last)


def said(disclosed: Disclosed, digest: bytes) -> str | None:
    """What somebody wrote: empty where there is nothing, None where it is not disclosed here."""
    if not digest:
        return ""
    try:
        found: str | None = disclosed.get_value(digest, str)
    except NotCanonical:
        return None
    return found
