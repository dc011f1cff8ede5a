"""Who may send and who may see which picture and sound, in which phase: an allow-table, hidden by default.

Owns the names of sources, the table, and what a node tells a media worker of a session
(SPEC 30). Experts never see or hear bidders, bidders never experts, nor a room in which experts
sit. Sources: 招标投标法 37, 38, 44;
12号令 11 (nobody influences the committee); 355号 八 (supervision of the whole process).
"""

import re
from typing import Final, Literal

from msgspec import Struct

from protocol import canonical
from protocol.words import Role, SessionPhase

Device = Literal["camera", "screen", "room"]
"""A person's camera with microphone, a person's screen, a venue's room camera."""

_SOURCE: Final = re.compile(r"(camera|screen|room)\.([a-z0-9][a-z0-9-]{0,63})")

OPENING: Final[tuple[SessionPhase, ...]] = ("BOOKED", "DRAWN")
"""While bids are opened, before the committee sits."""
COMMITTEE: Final[tuple[SessionPhase, ...]] = ("COMMITTEE_READY", "REPORT_DRAFT", "SIGNING")
"""The committee is complete and confers."""
SEATED: Final[tuple[SessionPhase, ...]] = ("CHECKIN", *COMMITTEE, "SUSPENDED", "COMMITTEE_VOID")
"""Experts are at their seats."""
HELD: Final[tuple[SessionPhase, ...]] = (*OPENING, *SEATED)
"""A session is being held."""

SEES: Final[dict[Role, dict[Role, tuple[SessionPhase, ...]]]] = {
    "supervisor": dict.fromkeys(
        ("agent", "tenderee", "expert", "witness", "supervisor", "bidder", "keeper", "venue"), HELD
    ),
    "witness": {
        **dict.fromkeys(("agent", "tenderee", "witness", "supervisor", "keeper", "venue"), HELD),
        "expert": SEATED,
        "bidder": OPENING,
    },
    "agent": {
        **dict.fromkeys(("agent", "tenderee", "witness", "supervisor", "keeper", "venue"), HELD),
        "expert": SEATED,
        "bidder": OPENING,
    },
    "expert": {"expert": COMMITTEE, "agent": SEATED, "witness": SEATED},
    "tenderee": {"agent": HELD, "witness": HELD, "supervisor": HELD},
    "bidder": {"agent": OPENING, "tenderee": OPENING},
    "keeper": {"agent": HELD, "witness": HELD, "keeper": HELD, "venue": HELD},
}
"""viewer → whose source → the session's phases in which it is shown; what has no row is never shown."""

SENDS: Final[tuple[Role, ...]] = (
    "agent", "tenderee", "expert", "witness", "supervisor", "bidder", "keeper", "venue",
)  # fmt: skip
"""Who may publish: each its own camera and screen, a venue's node its room."""


class Source(Struct, frozen=True):
    """A source's name taken apart: `owner` is a seat, or a venue for `room`."""

    device: Device
    owner: str

    @property
    def name(self) -> str:
        """As it stands on the wire."""
        return f"{self.device}.{self.owner}"


class Present(Struct, frozen=True):
    """Somebody who may ask; `token` is the digest of a secret that the node gave to that page alone."""

    token: str
    seat: str
    role: Role
    venue: str


class Table(Struct, frozen=True):
    """What a node tells its media worker of a session: its phase as of an entry, and who is there."""

    v: int
    session: str
    as_of: int
    phase: SessionPhase
    people: tuple[Present, ...]


class Shown(Struct, frozen=True):
    """A source as a page is told of it: where it is and which seat, nothing else of the person."""

    source: str
    device: Device
    seat: str
    role: Role
    venue: str
    live: bool


def read_source(name: str) -> Source | None:
    """A source by its name; None for any other text.

    >>> read_source("camera.expert-1")
    Source(device='camera', owner='expert-1')
    """
    found = _SOURCE.fullmatch(name)
    return None if found is None else Source(found.group(1), found.group(2))  # type: ignore[arg-type]


def token_digest(secret: str) -> str:
    """What stands in a table for a page's secret: hexadecimal of the tagged hash `media-token/v1`."""
    return canonical.tagged_digest("media-token/v1", [secret]).hex()


def who(table: Table, secret: str) -> Present | None:
    """Who bears a secret; None for nobody of this session."""
    digest = token_digest(secret)
    return next((one for one in table.people if one.token == digest), None)


def may_publish(table: Table, person: Present, source: Source) -> bool:
    """Whether somebody may send under this name now: only its own, and only while a session is held."""
    if table.phase not in HELD or person.role not in SENDS:
        return False
    if person.role == "venue":
        return source.device == "room" and source.owner == person.venue
    return source.device != "room" and source.owner == person.seat


def may_see(table: Table, person: Present, source: Source) -> bool:
    """Whether somebody may be shown a source now. Who owns it must be known, else it is shown to nobody."""
    owner = owner_of(table, source)
    if owner is None:
        return False
    return table.phase in SEES.get(person.role, {}).get(owner.role, ())


def owner_of(table: Table, source: Source) -> Present | None:
    """Whose source it is, of those who are there."""
    if source.device == "room":
        return next((one for one in table.people if one.role == "venue" and one.venue == source.owner), None)
    return next((one for one in table.people if one.role != "venue" and one.seat == source.owner), None)
