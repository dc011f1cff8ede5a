"""Opening as imported (开标结果), the drawn K, and the imported preliminary review."""

from protocol.commands import DrawK, ImportOpening, ImportPreliminary
from protocol.events import Event, KDrawn, OpeningImported, PreliminaryImported
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.state import State, Track


def import_opening(
    state: State, track: Track, content: ImportOpening, bids_min: int | None = None
) -> tuple[Event, ...] | Refusal:
    """The opened bids of a stage; fewer than the plan's least number (or `bids_min`) are not opened.

    Sources: 招标投标法 28, 实施条例 44 (fewer than three: not opened).
    """
    ids = [bid.bidder for bid in content.bids]
    codes = [bid.code for bid in content.bids]
    for names in (ids, codes):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            return refuse("DuplicateId", id=twice)
    needed = state.bids_min if bids_min is None else bids_min
    if len(ids) < needed:
        return refuse("TooFewBids", count=len(ids), needed=needed)
    imported = OpeningImported(
        lot=track.lot,
        envelope=track.envelope,
        source=content.source,
        digest=content.digest,
        signer=content.signer,
        bids=content.bids,
    )
    moved = moves.move(state, track, "ImportOpening")
    return moved if isinstance(moved, Refusal) else (imported, *moved)


def draw_k(track: Track, content: DrawK) -> tuple[Event, ...] | Refusal:
    """A rate, drawn in public after the bids are open (苏建规字〔2017〕1号 and its like); once."""
    if content.rate in track.draws:
        return refuse("AlreadyDone")
    drawn = KDrawn(lot=track.lot, envelope=track.envelope, rate=content.rate, k=content.k)
    return (drawn,)


def import_preliminary(state: State, track: Track, content: ImportPreliminary) -> tuple[Event, ...] | Refusal:
    """Which bids go on; every bid is either valid or rejected with a ground (条例 51)."""
    named = list(content.valid) + [one.bidder for one in content.rejected]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        return refuse("DuplicateId", id=twice)
    known = {bid.bidder for bid in track.bids}
    stranger = next((name for name in named if name not in known), None)
    if stranger is not None:
        return refuse("UnknownBidder", bidder=stranger)
    missing = sorted(known - set(named))
    if missing:
        names = ", ".join(missing)
        return refuse(
            "GuardUnmet",
            zh=f"{names} 没有初步评审结论",
            en=f"no preliminary result for {names}",
        )
    if not content.valid:
        return refuse("TooFewBids", count=0, needed=1)
    imported = PreliminaryImported(
        lot=track.lot,
        envelope=track.envelope,
        source=content.source,
        digest=content.digest,
        signer=content.signer,
        valid=content.valid,
        rejected=content.rejected,
    )
    moved = moves.move(state, track, "ImportPreliminary")
    return moved if isinstance(moved, Refusal) else (imported, *moved)
