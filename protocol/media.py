"""Who may send and who may see which picture and sound, in which phase: an allow-table, hidden by default.

Owns the names of sources, the table, and what a node tells a media worker of a session
(SPEC 30). Experts never see or hear bidders, bidders never experts, nor a room in which experts
sit. Sources: 招标投标法 37, 38, 44;
12号令 11 (nobody influences the committee); 355号 八 (supervision of the whole process).
"""

import re
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from protocol import canonical, limits
from protocol.words import Hash, Id, Role, SessionPhase

Device = Literal["camera", "screen", "room", "talk", "call"]
"""A person's camera with microphone, a person's screen, a venue's room camera; and sound alone: a member's
voice in the committee's talk-room, a voice in a call to one venue."""
SOUND: Final[tuple[Device, ...]] = ("talk", "call")
"""Sources that carry no picture."""

MEDIA: Final = "media"
"""A page asks its node for what it sends and sees with."""
MEDIA_TELL: Final = "media_tell"
"""A node tells the coordinator who of its place may ask the coordinator's workers."""

_SOURCE: Final = re.compile(r"(camera|screen|room|talk|call)\.([A-Za-z0-9][A-Za-z0-9._-]{0,63})")

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


HEARS_TALK: Final[tuple[Role, ...]] = ("supervisor", "witness")
"""Who hears the committee's talk-room beside its members (SPEC 30.7)."""
ANSWERS_CALL: Final[tuple[Role, ...]] = ("keeper", "witness")
"""Who of the venue that is called takes part in the call (SPEC 30.9)."""


class Source(Struct, frozen=True):
    """A source's name taken apart: `owner` is a seat, or a venue for `room`."""

    device: Device
    owner: str

    @property
    def name(self) -> str:
        """As it stands on the wire."""
        return f"{self.device}.{self.owner}"


class Present(Struct, frozen=True):
    """Somebody who may ask; `token` is the digest of a secret that the node gave to that page alone.

    `only`, where it is not empty, is the one source that may be sent with it, and nothing may be seen: a
    camera of the venue's own (SPEC 30.13).
    """

    token: str
    seat: str
    role: Role
    venue: str
    only: str = ""


class Talk(Struct, frozen=True):
    """The committee's talk-room while it is open: its members' seats, and which of them may send now."""

    members: tuple[str, ...]
    speaks: tuple[str, ...]


class Intercom(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of sound from a seat to one venue."""

    seat: Id
    venue: Id


class Table(Struct, frozen=True):
    """What a node tells its media worker of a session: its phase as of an entry, and who is there.

    `talk` is None while the talk-room is closed.
    """

    v: int
    session: str
    as_of: int
    phase: SessionPhase
    people: tuple[Present, ...]
    talk: Talk | None = None
    intercoms: tuple[Intercom, ...] = ()


class CameraLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A camera of the venue's own is to be published: as which source of which session, where, with what."""

    session: Id
    source: str
    url: str
    secret: str


class CameraLines(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that the venue's cameras are to be published as, in place of what was told before."""

    v: int
    lines: Annotated[tuple[CameraLine, ...], Meta(max_length=4_096)]


class Shown(Struct, frozen=True):
    """A source as a page is told of it: where it is and which seat, nothing else of the person."""

    source: str
    device: Device
    seat: str
    role: Role
    venue: str
    live: bool


class MediaWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A page asks for its own seat (SPEC 30.6)."""

    session: Id


class MediaGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a page sends and sees: below `/media/here/SESSION` and `/media/house/SESSION` of its node.

    `here` and `house` are its secrets there, empty where there is no worker; `source` is its camera's name.
    """

    session: str
    source: str
    here: str
    house: str


class MediaPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat of the node that tells, or the node itself where `seat` is empty; `token` as in a table."""

    seat: Annotated[str, Meta(max_length=limits.ID_CHARS_MAX)]
    token: Hash


class MediaTell(Struct, frozen=True, forbid_unknown_fields=True):
    """Who of a node's place may ask the coordinator's workers about a session."""

    session: Id
    people: Annotated[tuple[MediaPerson, ...], Meta(max_length=limits.SEATS_MAX + 1)]


class MediaTold(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the coordinator's worker for that session answers; empty where there is none."""

    session: str
    url: str


def worker_of(session: str, workers: int) -> int:
    """Which of several workers carries a session, from 0.

    >>> worker_of("s-1", 1)
    0
    """
    return canonical.tagged_digest("media-worker/v1", [session])[0] % workers


def page_secret(node_secret: str, place: Literal["here", "house", "camera"], session: str, seat: str) -> str:
    """The secret that a node gives to a seat's page: the same again after the node was started anew.

    `here` is for the node's own workers and `house` for the coordinator's, so that neither can ask the other
    in a page's name; `camera` for a camera of the venue's own, with its source in the seat's place. `seat` is
    empty for the node itself.
    """
    return canonical.tagged_digest("media-page/v1", [node_secret, place, session, seat]).hex()


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
    """Whether somebody may send under this name now: only its own, and only while a session is held.

    A venue's node sends its room, and hands on what the seats of its place may send. A camera of the venue's
    own is never an expert's.
    """
    if table.phase not in HELD or person.role not in SENDS:
        return False
    if person.only not in ("", source.name) or (person.only and is_by_page(table, source)):
        return False
    owner = owner_of(table, source)
    if person.role == "venue":
        return owner is not None and owner.venue == person.venue and _may_speak(table, owner, source)
    if source.device == "room" or source.owner != person.seat or is_by_venue(table, source):
        return False
    return _may_speak(table, person, source)


def may_see(table: Table, person: Present, source: Source) -> bool:
    """Whether somebody may be shown, or hear, a source now. An owner that is not known: shown to nobody."""
    owner = owner_of(table, source)
    if owner is None or person.only:
        return False
    if source.device == "talk":
        talk = table.talk
        return talk is not None and (person.seat in talk.members or person.role in HEARS_TALK)
    if source.device == "call":
        return any(
            _on(one, owner) and (_on(one, person) or person.role == "supervisor") for one in table.intercoms
        )
    return table.phase in SEES.get(person.role, {}).get(owner.role, ())


def is_by_venue(table: Table, source: Source) -> bool:
    """Whether a camera of the venue's own sends it: the seat's page does not, or they would take turns."""
    return not is_by_page(table, source) and any(one.only == source.name for one in table.people)


def is_by_page(table: Table, source: Source) -> bool:
    """Whether its owner's own page alone may make it: an expert's, whose face only a page can mask.

    Source: 招标投标法 37, 44 (members are kept secret until the award); SPEC 30.13.
    """
    owner = owner_of(table, source)
    return owner is not None and owner.role == "expert"


def may_hear(table: Table, person: Present, source: Source) -> bool:
    """Whether a source that somebody may be shown is sent with its sound.

    Experts hear each other in the talk-room alone, which is closed while each scores alone.
    """
    owner = owner_of(table, source)
    both = owner is not None and (person.role, owner.role) == ("expert", "expert")
    return source.device in SOUND or not both


def is_on(line: Intercom, role: Role, seat: str, venue: str) -> bool:
    """Whether somebody takes part in a call to a venue: who called, and that venue's desk."""
    return line.seat == seat or (line.venue == venue and role in ANSWERS_CALL)


def _on(line: Intercom, person: Present) -> bool:
    return is_on(line, person.role, person.seat, person.venue)


def _may_speak(table: Table, owner: Present, source: Source) -> bool:
    """Whether a voice may be sent now; a picture always may."""
    if source.device == "talk":
        return table.talk is not None and owner.seat in table.talk.speaks
    return source.device != "call" or any(_on(one, owner) for one in table.intercoms)


def owner_of(table: Table, source: Source) -> Present | None:
    """Whose source it is, of those who are there."""
    if source.device == "room":
        return next((one for one in table.people if one.role == "venue" and one.venue == source.owner), None)
    return next((one for one in table.people if one.role != "venue" and one.seat == source.owner), None)
