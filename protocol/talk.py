"""The committee's talk-room, the help call and the call to one venue: who may speak and hear, and when.

Owns the room as it travels, its acts, and its allow-table. Opening and closing follow from the record; hands,
mutes and words granted are transient and stand in no entry (SPEC 30.7 to 30.10). Pure; sound itself is the
media workers', which are told by `voices`. Sources: 12号令 13 (each scores alone); 招标投标法 38, 44 (nobody
influences the committee, and its discussion is secret); 355号 八 (supervision of the whole process).
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from protocol import canonical, limits, media
from protocol.media import Intercom, Talk
from protocol.refusals import Refusal, refuse
from protocol.session.review import standing
from protocol.session.state import Speaker, State, members
from protocol.words import Id, IdOrEmpty, Millis, Role

TALK: Final = "talk"
"""A page asks how its room stands."""
TALK_DO: Final = "talk_do"
TALK_TOLD: Final = "talk_told"
"""Pushed to a page: the room has changed."""
TALK_ACT: Final = "talk_act"
TALK_CALLS: Final = "talk_calls"
TALK_FOLLOW: Final = "talk_follow"
ROOMS_MAX: Final = 1_000
"""Rooms that are followed at once."""
FOLLOW_HOLD_MS: Final = 4_000
"""How long a coordinator keeps a node waiting for news of its rooms."""

Mode = Literal["press", "open"]
"""按住说话 (sound only while pressed), or 开放发言."""
Why = Literal["", "scoring", "phase", "line"]
TalkAction = Literal[
    "raise", "lower", "grant", "mute", "unmute", "quiet", "unquiet", "press", "open",
    "help", "answer", "call", "hang_up",
]  # fmt: skip

ALONE: Final = ("DETAILED", "SCORES_SEALED", "SCORES_OPENING")
"""While a stage is there on its main line, each scores alone and the room is closed."""
CHAIRS: Final = ("grant", "mute", "unmute", "quiet", "unquiet", "press", "open")
"""What the chair alone does."""
CALLS_HELP: Final[tuple[Role, ...]] = ("expert", "tenderee", "witness")
ANSWERS_HELP: Final[tuple[Role, ...]] = ("agent", "keeper")
CALLS_VENUES: Final[tuple[Role, ...]] = ("agent", "witness")

Part = Literal["committee", "calls", "intercoms"]
Reach = Literal["all", "place"]
SHOWN: Final[dict[Role, dict[Part, Reach]]] = {
    "supervisor": {"committee": "all", "calls": "all", "intercoms": "all"},
    "witness": {"committee": "all", "calls": "place"},
    "agent": {"calls": "all"},
    "keeper": {"calls": "place"},
}
"""role → part of the room → of which places; members are shown `committee`, everybody its own calls."""


class HelpCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat calls for help since `at` (its node's clock, ms), until `answered_by` is somebody."""

    seat: Id
    venue: Id
    at: Millis
    answered_by: IdOrEmpty = ""
    answered_at: Annotated[int, Meta(ge=0, le=limits.INTEGER_MAX)] = 0


Seats = Annotated[tuple[Id, ...], Meta(max_length=limits.SEATS_MAX)]
HelpCalls = Annotated[tuple[HelpCall, ...], Meta(max_length=limits.SEATS_MAX)]


class TalkRoom(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session's room as it stands; `hands` in the order in which they were raised."""

    session: Id
    open: bool = False
    why: Why = "phase"
    mode: Mode = "press"
    quiet: bool = False
    chair: IdOrEmpty = ""
    members: Seats = ()
    speaks: Seats = ()
    muted: Seats = ()
    granted: Seats = ()
    hands: Seats = ()
    calls: HelpCalls = ()
    intercoms: Annotated[tuple[Intercom, ...], Meta(max_length=limits.SEATS_MAX)] = ()


class TalkWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A page asks for the room of its session."""

    session: Id


class TalkDo(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page's seat does in the room; `target` is a seat, or the venue that is called."""

    session: Id
    act: TalkAction
    target: IdOrEmpty = ""


class TalkAct(Struct, frozen=True, forbid_unknown_fields=True):
    """The same from a node, for a seat of its place."""

    session: Id
    seat: Id
    act: TalkAction
    target: IdOrEmpty = ""


class TalkCalls(Struct, frozen=True, forbid_unknown_fields=True):
    """All help calls of a node's place, as they stand there."""

    session: Id
    calls: HelpCalls


class TalkFollow(Struct, frozen=True, forbid_unknown_fields=True):
    """The rooms that a node follows: session → mark of what it knows, empty for nothing."""

    known: Annotated[dict[Id, str], Meta(max_length=ROOMS_MAX)]


class TalkRooms(Struct, frozen=True, forbid_unknown_fields=True):
    """Those that are others than the node knows."""

    rooms: tuple[TalkRoom, ...]


def mark(room: TalkRoom) -> str:
    """By which it is known whether a room has changed."""
    return canonical.tagged_digest("talk-room/v1", room).hex()


def closed_by(state: State) -> Why:
    """Why the members may not confer now; empty while they may."""
    if state.phase not in media.COMMITTEE:
        return "phase"
    if any(standing.begun(track) in ALONE for track in state.tracks.values()):
        return "scoring"
    return ""


def stands(room: TalkRoom, state: State) -> TalkRoom:
    """The room as the record has it now: open or closed, whose it is, who speaks.

    What is forgotten when it closes is forgotten here; seats that are no longer members leave.
    """
    why = closed_by(state)
    seats = tuple(one.seat for one in members(state))
    chair = state.drawn.chair if state.drawn.chair in seats else ""
    room = replace(room, open=not why, why=why, chair=chair, members=seats)
    if why:
        return replace(room, quiet=False, muted=(), granted=(), hands=(), speaks=())
    return _spoken(
        replace(
            room,
            quiet=room.quiet and bool(chair),
            muted=tuple(one for one in room.muted if one in seats and chair and one != chair),
            granted=tuple(one for one in room.granted if one in seats),
            hands=tuple(one for one in room.hands if one in seats),
        )
    )


def silenced(room: TalkRoom, why: Why) -> TalkRoom:
    """The room at a node that cannot know whether it is open."""
    return replace(room, open=False, why=why, speaks=(), hands=())


def act(room: TalkRoom, who: Speaker, asked: TalkAction, target: str, state: State) -> TalkRoom | Refusal:
    """The room after an act of somebody, or why not; the room is one that `stands` as of the state."""
    if asked in ("call", "hang_up"):
        return _call(room, who, asked, target, state)
    if asked in ("help", "answer"):
        return _not_for(who, asked, "node")
    if who.seat not in room.members:
        return _not_for(who, asked, "expert")
    if not room.open:
        return refuse("TalkClosed", why=room.why)
    is_chair = who.seat == room.chair
    if not is_chair and (asked in CHAIRS or (asked == "lower" and target not in ("", who.seat))):
        return _not_for(who, asked, "chair")
    if asked in ("grant", "mute", "unmute") or (asked == "lower" and target):
        if target not in room.members:
            return refuse("UnknownSeat", seat=target)
        return _spoken(_to_one(room, asked, target))
    return _spoken(_to_all(room, asked, who.seat))


def answered(
    calls: tuple[HelpCall, ...], who: Speaker, target: str, at: int
) -> tuple[HelpCall, ...] | Refusal:
    """A place's calls after one was answered by a keeper of it, the agent, or its caller; `at` in ms."""
    found = next((one for one in calls if one.seat == target), None)
    if found is None:
        return refuse("UnknownSeat", seat=target)
    is_desk = who.role == "agent" or (who.role == "keeper" and who.venue == found.venue)
    if not is_desk and who.seat != target:
        return _not_for(who, "answer", "agent, keeper")
    if found.answered_by:
        return calls
    done = replace(found, answered_by=who.seat, answered_at=at)
    return tuple(done if one is found else one for one in calls)


def called(calls: tuple[HelpCall, ...], who: Speaker, at: int) -> tuple[HelpCall, ...] | Refusal:
    """A place's calls after a seat called for help; one that waits already goes on waiting."""
    if who.role not in CALLS_HELP:
        return _not_for(who, "help", ", ".join(CALLS_HELP))
    if any(one.seat == who.seat and not one.answered_by for one in calls):
        return calls
    others = tuple(one for one in calls if one.seat != who.seat)
    return (*others, HelpCall(who.seat, who.venue, at))


def shown(room: TalkRoom, who: Speaker) -> TalkRoom:
    """What a page is told of the room: what its role may be shown, hidden by default."""
    may = SHOWN.get(who.role, {})
    found = TalkRoom(session=room.session, open=room.open, why=room.why)
    if who.seat in room.members or "committee" in may:
        found = replace(
            found, mode=room.mode, quiet=room.quiet, chair=room.chair, members=room.members,
            speaks=room.speaks, muted=room.muted, granted=room.granted, hands=room.hands,
        )  # fmt: skip
    calls = tuple(
        one
        for one in room.calls
        if one.seat == who.seat
        or may.get("calls") == "all"
        or (may.get("calls") == "place" and one.venue == who.venue)
    )
    lines = tuple(
        one
        for one in room.intercoms
        if may.get("intercoms") == "all" or media.is_on(one, who.role, who.seat, who.venue)
    )
    return replace(found, calls=calls, intercoms=lines)


def voices(room: TalkRoom) -> Talk | None:
    """What the media workers are told: the members and who of them may send; None while it is closed."""
    return Talk(room.members, room.speaks) if room.open else None


def _spoken(room: TalkRoom) -> TalkRoom:
    """The room with who may speak worked out anew."""

    def may(seat: str) -> bool:
        if seat == room.chair:
            return True
        return seat not in room.muted and (not room.quiet or seat in room.granted)

    return replace(room, speaks=tuple(one for one in room.members if may(one)))


def _to_one(room: TalkRoom, asked: TalkAction, target: str) -> TalkRoom:
    hands, muted, granted = (_without(part, target) for part in (room.hands, room.muted, room.granted))
    if asked == "lower":
        return replace(room, hands=hands)
    if asked == "mute":
        is_chair = target == room.chair
        return replace(room, granted=granted, muted=muted if is_chair else (*muted, target))
    if asked == "unmute":
        return replace(room, muted=muted)
    return replace(room, hands=hands, muted=muted, granted=(*granted, target) if room.quiet else granted)


def _to_all(room: TalkRoom, asked: TalkAction, seat: str) -> TalkRoom:
    if asked == "raise":
        return room if seat in room.hands else replace(room, hands=(*room.hands, seat))
    if asked == "lower":
        return replace(room, hands=_without(room.hands, seat))
    if asked == "quiet":
        return replace(room, quiet=True, granted=())
    if asked == "unquiet":
        return replace(room, quiet=False, granted=(), muted=())
    return replace(room, mode="open" if asked == "open" else "press")


def _call(room: TalkRoom, who: Speaker, asked: TalkAction, target: str, state: State) -> TalkRoom | Refusal:
    """A line to one venue is opened, or ended."""
    if asked == "call":
        if who.role not in CALLS_VENUES:
            return _not_for(who, asked, ", ".join(CALLS_VENUES))
        if target not in state.venues:
            return refuse("UnknownVenue", venue=target)
        others = tuple(one for one in room.intercoms if one.seat != who.seat)
        return replace(room, intercoms=(*others, Intercom(who.seat, target)))
    found = next((one for one in room.intercoms if one.seat == (target or who.seat)), None)
    if found is None:
        return room
    if not media.is_on(found, who.role, who.seat, who.venue):
        return _not_for(who, asked, "keeper, witness")
    return replace(room, intercoms=tuple(one for one in room.intercoms if one is not found))


def _without(seats: tuple[str, ...], seat: str) -> tuple[str, ...]:
    return tuple(one for one in seats if one != seat)


def _not_for(who: Speaker, asked: str, allowed: str) -> Refusal:
    return refuse("NotAllowed", role=who.role, type=asked, allowed=allowed)
