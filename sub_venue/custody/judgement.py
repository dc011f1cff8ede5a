"""What a custodian believes before it answers: nothing that it has not replayed and compared (SPEC 28.4).

Whoever asks brings the entries and a checkpoint. Every entry is replayed by the rules, the root is held
against a checkpoint that is good under the custodian's own trust policy, and the custodian's own clock is
asked whether the window can be over. So a coordinator that says "the window is closed" has to have
persuaded the cosigners of several provinces, and even then it moves no clock. Pure: no key, no disk, no
clock of its own.
"""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from protocol import canonical, entry
from protocol.commands_ceremony import KeyGroup, Keyholder, ReceivedBid
from protocol.ledger import quorum, trust
from protocol.ledger.note import NoteError
from protocol.ledger.quorum import Policy
from protocol.refusals import Refusal, refuse
from protocol.seal import container, releasing, suites
from protocol.seal.container import Header
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import Mark
from protocol.session.apply import EntryRefused, replay_one
from protocol.session.ceremony import reading
from protocol.session.ceremony.state import StageCeremony
from protocol.session.state import State, Track, head, is_reached, track
from protocol.words import Stage

CLOCK_SKEW_MS_MAX: Final = 300_000
"""How far a custodian's clock may lie behind the record's before it refuses to judge a window."""
ENTRIES_MAX: Final = 100_000
"""Most entries of one session that are replayed for one question."""


class Refused(Exception):
    """Nothing is answered; `refusal` says why, by the part that did not hold."""

    def __init__(self, part: str, why: str) -> None:
        """Name the part (`entries`, `checkpoint`, `phase`, `window`, `bids` …) and what is wrong with it."""
        self.refusal: Refusal = refuse("CustodyRefused", part=part, why=why)
        self.part = part
        super().__init__(f"{part}: {why}")


class Me(Struct, frozen=True):
    """Whose judgement it is: the custodian, its two public keys, the projects that it was told of."""

    custodian: str
    key: str
    public: bytes
    projects: frozenset[str]


class Believed(Struct, frozen=True):
    """A session as a custodian believes it, and the stage of the question."""

    state: State
    here: Track
    opening: StageCeremony
    group: KeyGroup
    member: Keyholder


class BidHeader(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid's header as it stands in the container, and the mark that it belongs to."""

    mark: Mark
    raw: bytes


class Replayed(Struct, frozen=True):
    """What a service has replayed itself before: the entries, and what they add up to."""

    raws: tuple[bytes, ...]
    state: State


def believe(
    raws: Sequence[bytes], note: str, policy: Policy, me: Me, stage: Stage, before: Replayed | None = None
) -> Believed:
    """Replay a session and hold it against its checkpoint.

    What stands in `before` byte for byte is not replayed a second time.

    Raises:
      Refused: `entries` that do not replay, a `checkpoint` that is not good, of another log or of another
        history; `phase` for an unknown stage; `custodian`, `key`, `project` where this one is not meant.
    """
    state = _replayed(raws, before)
    try:
        judged = quorum.judge(note, _of(policy, state.session))
    except NoteError as error:
        raise Refused("checkpoint", str(error)) from error
    now = head(state)
    if not judged.head.origin.endswith(f"/{state.session}"):
        raise Refused("checkpoint", f"it is of the log {judged.head.origin}")
    if (judged.head.size, judged.head.root) != (now.size, now.root):
        raise Refused("checkpoint", f"it is of another history: size {judged.head.size}, entries {now.size}")
    here = track(state, stage)
    if here is None or here.round != stage.round:
        raise Refused("phase", "no such stage")
    opening = reading.of(state, here)
    found = reading.keyholder(opening, me.custodian)
    if found is None:
        raise Refused("custodian", f"{me.custodian} holds nothing here")
    group, member = found
    if (member.key, member.public) != (me.key, me.public):
        raise Refused("key", "other keys than this service's are appointed")
    if opening.project not in me.projects:
        raise Refused("project", f"this service was not told of {opening.project}")
    return Believed(state, here, opening, group, member)


def roll_call(believed: Believed, now_ms: int) -> bytes:
    """The challenge to be answered.

    Raises:
      Refused: `phase` where none is called; `clock` where this machine's lies behind.
    """
    if believed.here.phase != "OPENING":
        raise Refused("phase", f"{believed.here.phase}, not OPENING")
    _check_clock(believed.state, now_ms)
    return believed.opening.challenge


def released_bids(believed: Believed, now_ms: int) -> tuple[ReceivedBid, ...]:
    """The bids that shares may be released for, now.

    Raises:
      Refused: `phase` before the milestone `release_closed` stands in the record; `clock`, `window` where by
        this machine's clock the window cannot be over.
    """
    state, here, opening = believed.state, believed.here, believed.opening
    if here.phase != "CUSTODIANS_RELEASE":
        raise Refused("phase", f"{here.phase}, not CUSTODIANS_RELEASE")
    if not is_reached(state, "release_closed", here.lot, here.envelope):
        raise Refused("phase", "the milestone release_closed is not reached")
    _check_clock(state, now_ms)
    bids = reading.released(opening)
    if len(bids) < len(opening.received) and now_ms <= reading.until(state, here):
        raise Refused("window", "by this clock the bidders' window is not over")
    if not bids:
        raise Refused("bids", "no bid was released")
    return bids


def headers_of(
    believed: Believed, bids: Sequence[ReceivedBid], given: Sequence[BidHeader]
) -> tuple[Header, ...]:
    """The headers of exactly these bids, in their order.

    A header that names other custodians than those appointed is the dealer's fault, and shows when its box is
    opened.

    Raises:
      Refused: `bids` for one that is missing, or is not the one that was received.
    """
    suite = suites.get(believed.opening.suite)
    by_mark = {releasing.mark_digest(one.mark): one for one in given}
    found = []
    for bid in bids:
        one = by_mark.get(bid.mark)
        if one is None:
            raise Refused("bids", f"the header of {bid.bid} is missing, or is not the one that was received")
        try:
            header = container.read_header(one.raw)
        except SealRefused as refused:
            raise Refused("bids", f"{bid.bid}: {refused}") from refused
        if container.header_digest(suite, one.raw) != one.mark.header or header.bid != one.mark.bid:
            raise Refused("bids", f"the header of {bid.bid} is not that of its mark")
        named = (header.bid.bid, header.bid.lot, header.bid.envelope, header.bid.project, header.bid.suite)
        here, opening = believed.here, believed.opening
        if named != (bid.bid, here.lot, here.envelope, opening.project, opening.suite):
            raise Refused("bids", f"the header of {bid.bid} is of another bid, lot or project")
        found.append(header)
    return tuple(found)


def _of(policy: Policy, session: str) -> Policy:
    """The policy of a session's log: as it was handed over, or out of that of all logs below a name."""
    here = any(one.name.endswith(f"/{session}") for one in policy.logs)
    return policy if here else trust.of_session(policy, session)


def _replayed(raws: Sequence[bytes], before: Replayed | None) -> State:
    if not 0 < len(raws) <= ENTRIES_MAX:
        raise Refused("entries", f"{len(raws)} entries")
    known = 0
    state: State | None = None
    if before is not None and tuple(raws[: len(before.raws)]) == before.raws:
        known, state = len(before.raws), before.state
    for number, raw in enumerate(raws[known:], known):
        try:
            state = replay_one(state, entry.decode(raw), raw)
        except EntryRefused as error:
            raise Refused("entries", str(error)) from error
        except (canonical.NotCanonical, ValueError, KeyError) as error:
            raise Refused("entries", f"entry {number} is no entry") from error
    assert state is not None
    return state


def _check_clock(state: State, now_ms: int) -> None:
    if now_ms < state.at - CLOCK_SKEW_MS_MAX:
        raise Refused("clock", "this machine's clock lies behind the record's; set it right first")
