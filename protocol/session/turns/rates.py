"""A rate that is drawn (K 值) by all who watch, and that anybody can draw again (SPEC 17.7).

Tenderee, witnesses and supervisors each commit to 32 random bytes of their own and reveal them once
all three roles have committed; the seed is a digest of all of them (`protocol.chance`), so that it
is even while one of them is honest. Who sees the others' and withholds their own must not go
unseen: a restart names them. Sources: 苏建规字〔2017〕1号 (drawn in public after the bids are open).
"""

from protocol import canonical, chance
from protocol.commands_turns import BeginDrawK, CommitK, RestartDrawK, RevealK
from protocol.events import KDrawn
from protocol.events_turns import KCommitted, KDrawBegun, KDrawRestarted, KRevealed
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Asked, Decision
from protocol.session.state import State, Track, is_last
from protocol.session.turns.state import KDraw
from protocol.words import Role, Stage

ROLES: tuple[Role, ...] = ("tenderee", "witness", "supervisor")
"""One of each at least must commit."""


def begin(asked: Asked, content: BeginDrawK) -> Decision:
    """The agent names the plan's candidates; a rate is drawn once, in the lot's last envelope."""
    here = asked.here
    if not is_last(asked.state, here):
        return refuse("WrongEnvelope", envelope=here.envelope, type="BeginDrawK")
    if content.rate in here.draws or content.rate in here.turns.k_draws:
        return refuse("AlreadyDone")
    twice = next((k for k in content.candidates if content.candidates.count(k) > 1), None)
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    begun = KDrawBegun(
        lot=here.lot, envelope=here.envelope, round=here.round, rate=content.rate,
        candidates=content.candidates, attempt=1,
    )  # fmt: skip
    return (begun,)


def commit(asked: Asked, content: CommitK) -> Decision:
    """A seat's commitment to its own randomness, before anybody reveals."""
    here = asked.here
    found = _going_on(here, content.rate)
    if isinstance(found, Refusal):
        return found
    if asked.who.seat in found.commitments:
        return refuse("AlreadyDone")
    if found.randoms:
        return refuse("DrawClosed", rate=content.rate)
    committed = KCommitted(
        lot=here.lot, envelope=here.envelope, rate=content.rate, seat=asked.who.seat,
        commitment=content.commitment,
    )  # fmt: skip
    return (committed,)


def reveal(asked: Asked, content: RevealK) -> Decision:
    """A seat's randomness; the last one draws the rate."""
    state, here, seat = asked.state, asked.here, asked.who.seat
    found = _going_on(here, content.rate)
    if isinstance(found, Refusal):
        return found
    missing = [role for role in ROLES if not any(state.seats[one].role == role for one in found.commitments)]
    if missing:
        names = ", ".join(missing)
        return refuse("GuardUnmet", zh=f"{names} 尚未提交承诺", en=f"no commitment yet from: {names}")
    if seat not in found.commitments:
        return refuse("DrawClosed", rate=content.rate)
    if seat in found.randoms:
        return refuse("AlreadyDone")
    share = share_of(state, here, content.rate, seat, content.random)
    if not chance.reveals(found.commitments[seat], share, content.salt):
        return refuse("RevealMismatch", seat=seat)
    revealed = KRevealed(
        lot=here.lot, envelope=here.envelope, rate=content.rate, seat=seat, random=content.random,
        salt=content.salt,
    )  # fmt: skip
    randoms = {**found.randoms, seat: content.random}
    if len(randoms) < len(found.commitments):
        return (revealed,)
    k = drawn(state, here, content.rate, randoms)
    return (revealed, KDrawn(lot=here.lot, envelope=here.envelope, rate=content.rate, k=k))


def restart(asked: Asked, content: RestartDrawK) -> Decision:
    """A supervisor gives a draw up because one who committed will not reveal; it is counted."""
    here = asked.here
    found = _going_on(here, content.rate)
    if isinstance(found, Refusal):
        return found
    withheld = tuple(sorted(found.commitments.keys() - found.randoms.keys()))
    if not withheld:
        return refuse("AlreadyDone")
    restarted = KDrawRestarted(
        lot=here.lot, envelope=here.envelope, rate=content.rate, by=asked.who.seat,
        attempt=found.attempt + 1, withheld=withheld, statement=content.statement,
    )  # fmt: skip
    return (restarted,)


def share_of(state: State, here: Track, rate: str, seat: str, random: bytes) -> chance.Share:
    """What a seat commits to and reveals: bound to this rate, these candidates and this attempt."""
    found = here.turns.k_draws[rate]
    subject = subject_of(rate, found.candidates, found.attempt, Stage(here.lot, here.envelope, found.round))
    return chance.Share(draw=rate, party=seat, random=random, session=state.session, subject=subject)


def subject_of(rate: str, candidates: tuple[str, ...], attempt: int, stage: Stage) -> bytes:
    """What a rate is drawn from: a share's `subject`; `stage` as of when the draw began."""
    told = {"envelope": stage.envelope, "lot": stage.lot, "round": stage.round}
    return canonical.tagged_digest(
        "draw-k/v1", {"attempt": attempt, "candidates": candidates, "rate": rate, "stage": told}
    )


def drawn(state: State, here: Track, rate: str, randoms: dict[str, bytes]) -> str:
    """The rate that all reveals together draw; seat → random, in whatever order."""
    seed = chance.seed(share_of(state, here, rate, seat, random) for seat, random in randoms.items())
    candidates = here.turns.k_draws[rate].candidates
    return candidates[chance.below(chance.words(seed, ["k", rate]), len(candidates))]


def _going_on(here: Track, rate: str) -> KDraw | Refusal:
    found = here.turns.k_draws.get(rate)
    if found is None:
        return refuse("GuardUnmet", zh=f"{rate} 尚未开始抽取", en=f"the draw of {rate} has not begun")
    return refuse("AlreadyDone") if rate in here.draws else found
