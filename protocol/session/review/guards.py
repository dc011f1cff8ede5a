"""Conditions under which the group's moves go on, by the names that its rows use."""

from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.review import standing
from protocol.session.state import State, Track


def items_published(state: State, track: Track | None) -> Refusal | None:
    """What is reviewed stands in the record before the review begins (12号令 17: published criteria only)."""
    assert track is not None
    return None if track.review.published else unpublished()


def unpublished() -> Refusal:
    """The refusal of whatever needs the items."""
    return refuse("GuardUnmet", zh="尚未公布评审项目", en="the items of the review are not published yet")


def blind_parts_checked(state: State, track: Track | None) -> Refusal | None:
    """Experts see no blind part (暗标) that nobody has looked through."""
    assert track is not None
    waiting = standing.unchecked(track)
    if not waiting:
        return None
    names = ", ".join(codes(track, waiting))
    return refuse("GuardUnmet", zh=f"{names} 的暗标尚未检查", en=f"blind parts not checked yet: {names}")


def items_marked(state: State, track: Track | None) -> Refusal | None:
    """Every member marked every item of every bid left, the desk its own (12号令 22; 87号令 44, 50)."""
    assert track is not None
    if not track.review.published:
        return unpublished()
    waiting = sorted({seat for seat, _, _ in standing.unmarked(state, track)})
    if not waiting:
        return None
    names = ", ".join(waiting)
    return refuse(
        "GuardUnmet", zh=f"{names} 尚未完成初步评审", en=f"have not marked every item of every bid: {names}"
    )


def deviations_voted(state: State, track: Track | None) -> Refusal | None:
    """A material deviation is withdrawn or voted on; it never stays unsaid (12号令 25)."""
    assert track is not None
    waiting = sorted({bidder for bidder, _ in standing.unvoted(state, track)})
    if not waiting:
        return None
    names = ", ".join(codes(track, waiting))
    return refuse(
        "GuardUnmet",
        zh=f"{names} 有重大偏差(或暗标检查未通过)尚未表决,请表决或撤回",
        en=f"a material deviation or a failed blind part is not voted on: {names}; vote, or withdraw it",
    )


def enough_left(state: State, track: Track | None) -> Refusal | None:
    """Bids enough to go on, or the committee has said that competition is there (12号令 27; 采购法 36)."""
    assert track is not None
    count = standing.suppliers(track)
    if count == 0 or (state.regime == "GOV_PROC" and standing.fell_short(state, track)):
        return refuse("TooFewValid", count=count, needed=state.bids_min)
    if not standing.competition_open(state, track):
        return None
    return refuse(
        "GuardUnmet",
        zh=f"有效投标只剩 {count} 个,须先就是否缺乏竞争表决",
        en=f"only {count} bids are left: vote first on whether competition is lacking",
    )


def codes(track: Track, bidders: tuple[str, ...] | list[str]) -> list[str]:
    """The neutral codes of bidders."""
    named = {bid.bidder: bid.code for bid in track.bids}
    return [named[bidder] for bidder in bidders]


GUARDS: dict[str, Guard] = {
    guard.__name__: guard
    for guard in (
        items_published, blind_parts_checked, items_marked, deviations_voted, enough_left,
    )
}  # fmt: skip
