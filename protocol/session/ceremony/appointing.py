"""Before the opening: who holds shares, to which keys releases go, and who is there (SPEC 28.2, 28.3)."""

from protocol import limits
from protocol.commands_ceremony import (
    AnswerRollCall,
    AppointCustodians,
    BeginOpening,
    KeyGroup,
    OfferOpeningKey,
    ReceiveBids,
)
from protocol.events_ceremony import (
    BidsReceived,
    CustodiansAppointed,
    OpeningBegun,
    OpeningKey,
    OpeningKeyOffered,
    RollCallAnswered,
)
from protocol.refusals import Refusal, refuse
from protocol.seal import dealing, signing, suites
from protocol.session import moves
from protocol.session.asked import Asked, Decision
from protocol.session.ceremony import reading
from protocol.session.state import State, Track, earlier


def appoint(asked: Asked, content: AppointCustodians) -> Decision:
    """Groups, suite and window of a stage; once, since bids are sealed for them."""
    state, here = asked.state, asked.here
    if reading.of(state, here).groups:
        return refuse("AlreadyDone")
    fault = _groups_fault(state, content)
    if fault is not None:
        return fault
    appointed = CustodiansAppointed(
        lot=here.lot, envelope=here.envelope, project=content.project, suite=content.suite,
        groups=content.groups, window_ms=content.window_ms,
    )  # fmt: skip
    return (appointed,)


def offer_key(asked: Asked, content: OfferOpeningKey) -> Decision:
    """A venue's key; another one replaces it for openings that begin later."""
    if not suites.get(content.suite).is_public(content.public):
        return refuse("KeyRefused", why=content.suite)
    keys = asked.state.ceremony.keys
    if any(one.public == content.public for one in keys.values()):
        return refuse("KeyTaken", seat=asked.who.seat)
    return (OpeningKeyOffered(venue=asked.who.seat, suite=content.suite, public=content.public),)


def begin(asked: Asked, content: BeginOpening) -> Decision:
    """The tenderee begins; from now on it is fixed to whom anything is released."""
    state, here = asked.state, asked.here
    moved = moves.move(state, here, "BeginOpening")
    if isinstance(moved, Refusal):
        return moved
    suite = reading.of(state, here).suite
    to = tuple(
        OpeningKey(venue, key.public)
        for venue, key in sorted(state.ceremony.keys.items())
        if key.suite == suite and not key.destroyed
    )[: limits.RELEASES_MAX]
    begun = OpeningBegun(
        lot=here.lot, envelope=here.envelope, seat=asked.who.seat, challenge=content.challenge, to=to
    )
    return (begun, *moved)


def answer(asked: Asked, content: AnswerRollCall) -> Decision:
    """A custodian of the stage answers this opening's challenge, once."""
    found = reading.of(asked.state, asked.here)
    if reading.keyholder(found, asked.who.seat) is None:
        return refuse("NotCustodian", custodian=asked.who.seat)
    if content.challenge != found.challenge:
        return refuse("ChallengeStale")
    if asked.who.seat in found.answered:
        return refuse("AlreadyDone")
    here = asked.here
    return (RollCallAnswered(lot=here.lot, envelope=here.envelope, custodian=asked.who.seat),)


def receive(asked: Asked, content: ReceiveBids) -> Decision:
    """The list of bids as it was frozen at the deadline; fewer than the plan's least are not opened.

    Sources: 招标投标法 28, 条例 44 (fewer than three); of a later envelope exactly those who passed (双信封).
    """
    state, here = asked.state, asked.here
    fault = _bids_fault(state, here, content)
    if fault is not None:
        return fault
    moved = moves.move(state, here, "ReceiveBids")
    if isinstance(moved, Refusal):
        return moved
    until = asked.at + reading.of(state, here).window_ms
    return (BidsReceived(lot=here.lot, envelope=here.envelope, bids=content.bids, until=until), *moved)


def _groups_fault(state: State, content: AppointCustodians) -> Refusal | None:
    suite = suites.get(content.suite)
    names = [group.group for group in content.groups]
    members = [member for group in content.groups for member in group.members]
    for ids in (names, [one.custodian for one in members], [one.key for one in members]):
        twice = next((name for name in ids if ids.count(name) > 1), None)
        if twice is not None:
            return refuse("DuplicateId", id=twice)
    if dealing.BIDDER in names or names != sorted(names):
        return refuse("GroupRefused", group=", ".join(names), why="order or name")
    for group in content.groups:
        if group.threshold > len(group.members):
            return refuse("GroupRefused", group=group.group, why=f"threshold {group.threshold}")
    for member in members:
        if not suite.is_public(member.public):
            return refuse("KeyRefused", why=f"{member.custodian}: not of {content.suite}")
    return _keys_fault(state, content.groups)


def _keys_fault(state: State, groups: tuple[KeyGroup, ...]) -> Refusal | None:
    """A service's key is of the record's algorithm, and nobody else's in this session."""
    for group in groups:
        for member in group.members:
            if not signing.is_key(member.key):
                return refuse("Malformed", why=f"key of {member.custodian}")
            taken = state.keys.get(member.key)
            own = taken is not None and (taken.role, taken.seat) == ("custodian", member.custodian)
            if (taken is not None and not own) or member.key == state.installation_key:
                return refuse("KeyTaken", seat=member.custodian)
    return None


def _bids_fault(state: State, here: Track, content: ReceiveBids) -> Refusal | None:
    for names in ([one.bid for one in content.bids], [one.bidder for one in content.bids]):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            return refuse("DuplicateId", id=twice)
    taken = next((one.bidder for one in content.bids if one.bidder in state.seats), None)
    if taken is not None:
        return refuse("DuplicateId", id=taken)
    before = earlier(state, here)
    if not before:
        count = len(content.bids)
        return refuse("TooFewBids", count=count, needed=state.bids_min) if count < state.bids_min else None
    passing = set(before[-1].turns.passing)
    differing = sorted(passing ^ {one.bidder for one in content.bids})
    return refuse("NotPassing", bidders=", ".join(differing)) if differing else None
