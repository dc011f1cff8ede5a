"""Conditions under which the group's moves go on, by the names that its rows use."""

from protocol.refusals import Refusal, refuse
from protocol.session.asked import Guard
from protocol.session.state import State, Track, members

SIZE_MIN = 5
"""招标投标法 37; 87号令 47. Seven and more, where 87号令 says, is checked against the disclosed plan."""


def draw_published(state: State, track: Track | None) -> Refusal | None:
    """A committee that was drawn here is known by now."""
    if state.drawn.drawn and not state.drawn.seed:
        return refuse("GuardUnmet", zh="抽取结果尚未公布", en="the draw is not published yet")
    return None


def nobody_recused(state: State, track: Track | None) -> Refusal | None:
    """Whoever declared a ground for recusal has been replaced (实施条例 48)."""
    waiting = recused(state)
    if waiting:
        names = ", ".join(waiting)
        return refuse(
            "GuardUnmet", zh=f"{names} 已声明回避,尚未更换", en=f"recused and not replaced yet: {names}"
        )
    return None


def committee_of_law(state: State, track: Track | None) -> Refusal | None:
    """Odd, five at least, two thirds of experts, whatever the plan says; a demonstration may differ."""
    seats = members(state)
    if state.demonstration:
        return None
    if len(seats) < SIZE_MIN:
        return refuse("CommitteeTooSmall", size=len(seats), needed=SIZE_MIN)
    if len(seats) % 2 == 0:
        return refuse("CommitteeEven", size=len(seats))
    experts = sum(seat.kind == "expert" for seat in seats)
    if 3 * experts < 2 * len(seats):
        return refuse("CommitteeRatio", experts=experts, size=len(seats), share="2/3")
    return None


def chair_known(state: State, track: Track | None) -> Refusal | None:
    """A drawn committee begins with a chair (12号令 9; 87号令 45); an imported one may bring its own."""
    return no_chair() if state.drawn.drawn and not state.drawn.chair else None


def no_chair() -> Refusal:
    """The refusal of whatever needs a chair."""
    return refuse("GuardUnmet", zh="评标委员会尚未产生组长", en="the committee has no chair yet")


def recused(state: State) -> tuple[str, ...]:
    """Members who declared a ground and still sit."""
    return tuple(seat.seat for seat in members(state) if seat.seat in state.drawn.recused)


GUARDS: dict[str, Guard] = {
    guard.__name__: guard for guard in (draw_published, nobody_recused, committee_of_law, chair_known)
}
