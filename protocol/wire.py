"""The messages between page, venue node and coordinator (SPEC 10).

Signed commands travel as their canonical text, so that what was signed is what is read;
all else is plain JSON of these structs. Names of socket events are constants here. Owns
no transport: Socket.IO and HTTP belong to the shells.
"""

# tidy: long because the forms of all messages between page, node and coordinator stand in one table

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from protocol import limits
from protocol.hidden import Disclosure, Opening
from protocol.refusals import Refusal, text
from protocol.views import Line, View
from protocol.words import Hash, Id, IdOrEmpty, KeyText, Millis, Stage

# Page to its node, namespace "/desk"; every event is answered through its acknowledgement.
CHALLENGE = "challenge"
PROVE = "prove"
SIGN_IN = "sign_in"
ACT = "act"
FOLLOW = "follow"
NEWS = "news"
PREPARE = "prepare"
DRAFT_PUT = "draft_put"
DRAFT_GET = "draft_get"
ISSUE_CODES = "issue_codes"
SESSIONS = "sessions"
LINE_STATE = "line_state"
CLOCK = "clock"
ANSWER = "answer"
PEN = "pen"
UNSEATED = "unseated"
VENUE_STATE = "venue_state"
PREFLIGHT = "preflight"
LINES = "lines"
READING = "reading"
NOTEBOOK_GET = "notebook_get"
NOTEBOOK_PUT = "notebook_put"
HERE = "here"

# Node to coordinator, namespace "/node"; "entries" is pushed by the coordinator.
HELLO = "hello"
SUBMIT = "submit"
FEED = "feed"
ENTRIES = "entries"
PULSE = "pulse"

# Coordinator to coordinator, HTTP on the listener for nodes.
PEER = "/peer"
PEER_SUBMIT = "/peer/submit"
PEER_MEET = "/peer/meet"

CommandText = Annotated[str, Meta(max_length=limits.COMMAND_BYTES_MAX)]
CodeText = Annotated[str, Meta(min_length=4, max_length=64)]


class Refused(Struct, frozen=True, forbid_unknown_fields=True):
    """A refusal as it travels: its code, both texts, its particulars."""

    code: str
    zh: str
    en: str
    detail: dict[str, str] = {}


class Kept(Struct, frozen=True, forbid_unknown_fields=True):
    """The venue's receipt that a command lies fsynced in its journal (DESIGN 1.4).

    `sig` is the node key's signature over the tag `kept/v1` and the canonical
    {session, command_id, command_digest, journal_index, at}; `command_digest` is the
    SHA-256 of the signed bytes of the command.
    """

    session: Id
    command_id: Id
    command_digest: Hash
    journal_index: int
    at: Millis
    node: Id
    sig: KeyText


class Answer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The answer to a command: accepted with its `seq`, refused, or only kept as yet."""

    command_id: str
    status: Literal["accepted", "refused", "kept"]
    seq: int = -1
    at: int = 0
    refused: Refused | None = None
    kept: Kept | None = None


class Submit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A signed command on its way. `opening` goes from a page to its own node and no further."""

    command: CommandText
    sig: KeyText
    disclosures: Annotated[tuple[Disclosure, ...], Meta(max_length=limits.DISCLOSURES_PER_COMMAND_MAX)] = ()
    opening: Opening | None = None


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """A person offers a one-time code for a seat and the seat's new public key."""

    session: Id
    seat: Id
    code: CodeText
    key: KeyText


class Attested(Struct, frozen=True, forbid_unknown_fields=True):
    """The identity node vouches for the key; `BindSeat` carries the attestation."""

    session: str
    seat: str
    key: str
    means: str
    attestation: str


class Challenge(Struct, frozen=True, forbid_unknown_fields=True):
    """A fresh number that the seat's key must sign before the socket is told anything."""

    nonce: bytes


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """`sig` is over the tag `prove/v1` and the canonical {session, seat, key, nonce}."""

    session: Id
    seat: Id
    key: KeyText
    nonce: Annotated[bytes, Meta(min_length=32, max_length=32)]
    sig: KeyText


class Here(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the page's person was at work just now; without it this only asks how long is left."""

    at_work: bool


class Attended(Struct, frozen=True, forbid_unknown_fields=True):
    """How long the page's person may still be idle, ms, of how long; the page warns `warn_ms` before."""

    left_ms: int
    of_ms: int
    warn_ms: int


class Proved(Struct, frozen=True, forbid_unknown_fields=True):
    """The socket now follows this session as this seat."""

    session: str
    seat: str
    role: str
    node: str
    author_seq: int


class Follow(Struct, frozen=True, forbid_unknown_fields=True):
    """Asks for the view and for the lines from entry `since` on."""

    session: Id
    since: Annotated[int, Meta(ge=0)]


class News(Struct, frozen=True, forbid_unknown_fields=True):
    """The view as of now and the lines from `since` on; `online` is the node's own line."""

    view: View
    since: int
    lines: tuple[Line, ...]
    online: bool


class Draft(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat's unsealed work on one stage: `bidder → criterion → points_centi`, gaps allowed.

    `texts` are what is being written for other acts (reasons, questions, choices not yet signed), act → field
    → text; they are of the whole session, in a draft of its stage, which has no scores.
    """

    session: Id
    seat: Id
    stage: Stage
    revision: Annotated[int, Meta(ge=0)]
    scores: dict[Id, dict[Id, int]]
    texts: dict[Id, dict[Id, str]] = {}


class DraftKept(Struct, frozen=True, forbid_unknown_fields=True):
    """The draft lies on the venue's disk as of its clock (ms)."""

    revision: int
    at: int


class PenWanted(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A window of a seat's page asks who writes, and writes itself if nobody does (SPEC 12.4).

    With `over`, the window that writes now, it takes writing over from that one; `sig` is then the seat key's
    signature over the tag `take-over/v1` and the canonical {at, key, over, seat, session, window}.
    """

    session: Id
    seat: Id
    window: Id
    over: Annotated[str, Meta(max_length=limits.ID_CHARS_MAX)] = ""
    at: Annotated[int, Meta(ge=0)] = 0
    sig: Annotated[str, Meta(max_length=128)] = ""


class Pen(Struct, frozen=True, forbid_unknown_fields=True):
    """Which window of a seat writes, empty for none, and since when; `mine`: it is this page's."""

    session: str
    seat: str
    window: str
    mine: bool
    since: int


class Prepare(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Asks the node to work out a command's content and disclosures for a person to sign.

    `source` is the text that the act works from, where it has one: a case file; for `CallReplacement` the act
    without who follows, for `ReplaceMember` a `Leaving`, for `RedrawCommittee` an `Anew`, each canonical.
    """

    session: Id
    type: Id
    stage: Stage
    source: Annotated[str, Meta(max_length=limits.DISCLOSURE_BYTES_MAX)] = ""


class Prepared(Struct, frozen=True, forbid_unknown_fields=True):
    """Canonical text of the content, and the disclosures that must go with it."""

    type: str
    stage: Stage
    content: str
    disclosures: tuple[Disclosure, ...]
    notes: tuple[Refused, ...] = ()


class Leaving(Struct, frozen=True, forbid_unknown_fields=True):
    """Who leaves, and who follows as far as anybody may say so.

    `successor` is a reserve seat of an imported committee, `name` another representative whom the tenderee
    has named. Both are empty where the seat was drawn for: then the next of the same order follows.
    """

    seat: Id
    reason: Literal["recused", "ill", "absent", "misconduct", "other"]
    successor: IdOrEmpty
    name: Annotated[str, Meta(max_length=limits.NAME_CHARS_MAX)]


class Anew(Struct, frozen=True, forbid_unknown_fields=True):
    """The tenderee's other representatives on a committee that is drawn again, by the seat each follows."""

    names: dict[Id, Annotated[str, Meta(min_length=1, max_length=limits.NAME_CHARS_MAX)]]


class IssueCodes(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The agent asks for new one-time codes, for seats or for bidders of its session.

    `sig` is the agent key's signature: for seats over the tag `issue-codes/v1` and the canonical
    {session, seats, key, at}, for bidders over `issue-bidder-codes/v1` and {session, bidders, key, at}.
    """

    session: Id
    seats: Annotated[tuple[Id, ...], Meta(max_length=limits.SEATS_MAX)]
    key: KeyText
    at: Millis
    sig: KeyText
    bidders: Annotated[tuple[Id, ...], Meta(max_length=limits.BIDS_PER_STAGE_MAX)] = ()


class SeatCode(Struct, frozen=True, forbid_unknown_fields=True):
    """A new one-time code, shown once to the agent, stored only as a hash.

    A bidder's has its id as `seat`, no venue, and the role `bidder`.
    """

    seat: str
    venue: str
    role: str
    code: str
    expires_at: int


class Codes(Struct, frozen=True, forbid_unknown_fields=True):
    """The codes asked for."""

    session: str
    codes: tuple[SeatCode, ...]


class FeedRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A node asks: the session's entries from `since` on."""

    session: Id
    since: Annotated[int, Meta(ge=0)]


class Feed(Struct, frozen=True, forbid_unknown_fields=True):
    """Entries as canonical text from `since` on, and the disclosures this node may hold.

    `size` is how many entries the session has; more are asked for when `since` plus the
    number of entries is less.
    """

    session: str
    since: int
    size: int
    entries: tuple[str, ...]
    disclosures: tuple[Disclosure, ...]


class Hello(Struct, frozen=True, forbid_unknown_fields=True):
    """A node says who it is; its certificate must say the same."""

    node: Id
    node_key: KeyText


class Welcome(Struct, frozen=True, forbid_unknown_fields=True):
    """What a node needs to know of its installation."""

    installation_key: str
    at: int
    sessions: tuple["SessionNote", ...]
    nodes: tuple["NodeNote", ...]


class SessionNote(Struct, frozen=True, forbid_unknown_fields=True):
    """A session this node takes part in, and how many entries it has."""

    session: str
    size: int
    phase: str


class NodeNote(Struct, frozen=True, forbid_unknown_fields=True):
    """A node of the installation: its signing key, where it is, whether it is connected."""

    node: str
    key: str
    zh: str
    en: str
    province: str
    online: bool


class SessionList(Struct, frozen=True, forbid_unknown_fields=True):
    """The sessions a node knows."""

    sessions: tuple[SessionNote, ...]


class LineMeasured(Struct, frozen=True, forbid_unknown_fields=True):
    """A node's line to its coordinator as the node measured it, over its last pulses (SPEC 12.5).

    The median way there and back and how far two in a row lie apart on average (ms), -1 before the first; how
    many of a hundred pulses were not answered.
    """

    round_trip_ms: Annotated[int, Meta(ge=-1, le=limits.INTEGER_MAX)] = -1
    jitter_ms: Annotated[int, Meta(ge=-1, le=limits.INTEGER_MAX)] = -1
    lost_percent: Annotated[int, Meta(ge=0, le=100)] = 0


class Pulse(Struct, frozen=True, forbid_unknown_fields=True):
    """A node asks for the time, and which of these nodes are connected (SPEC 12.5); and tells of its line."""

    nodes: Annotated[tuple[Id, ...], Meta(max_length=limits.NODES_MAX)]
    line: LineMeasured = LineMeasured()


class Pulsed(Struct, frozen=True, forbid_unknown_fields=True):
    """The coordinator's clock (ms), those of the nodes asked for that are connected, and their lines.

    `lines` are those of nodes that told this very coordinator.
    """

    at: Millis
    online: tuple[str, ...]
    lines: dict[str, LineMeasured] = {}


class VenueLine(Struct, frozen=True, forbid_unknown_fields=True):
    """How the line of one venue is, as far as the page's own node knows."""

    venue: str
    line: Literal["unknown", "up", "down"]
    measured: LineMeasured


class VenueLines(Struct, frozen=True, forbid_unknown_fields=True):
    """The lines of all venues of the page's session, at the node's own clock (ms)."""

    at: int
    venues: tuple[VenueLine, ...]


class Forwarded(Struct, frozen=True, forbid_unknown_fields=True):
    """A command that came to a coordinator which does not hold its session; `node` is who brought it."""

    node: Id
    submit: Submit


class Brought(Struct, frozen=True, forbid_unknown_fields=True):
    """What a node asked of pictures or talk where its session's home is not; `node` "" is a coordinator."""

    node: IdOrEmpty
    asked: Raw


class Grown(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="grown"):
    """A hint between coordinators: a session has at least `size` entries, says the coordinator `by`."""

    by: Annotated[str, Meta(max_length=2 * limits.ID_CHARS_MAX)]
    session: Id
    size: Annotated[int, Meta(ge=0)]


class Present(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="present"):
    """A hint between coordinators: these nodes are connected to the coordinator `by`."""

    by: Annotated[str, Meta(max_length=2 * limits.ID_CHARS_MAX)]
    nodes: Annotated[tuple[Id, ...], Meta(max_length=limits.NODES_MAX)]


def refused(refusal: Refusal) -> Refused:
    """A refusal with its texts, ready to travel."""
    words = text(refusal)
    return Refused(refusal.code, words.zh, words.en, refusal.detail)
