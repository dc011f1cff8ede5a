"""What is shown of draw, opening and limits to whoever conducts and watches (rules version 3, SPEC 15, 17).

Part of `project`. Of a draw nobody is shown a place or a person before check-in opens (两随机四不知; 355号
七): here stand counts by stratum and how far each party is; why experts were left out is counted once the
roll is shown to the role, and is never told by name.
"""

from collections import Counter

from protocol.hidden import Disclosed
from protocol.plan.conduct import conduct_of
from protocol.plan.plan import Plan
from protocol.pool.roll import Roll
from protocol.projection import visibility
from protocol.session.state import State, Track
from protocol.views_review import DrawView, LimitsView, ObjectionView, PartyView, StratumView
from protocol.words import Role

_BEFORE_START = "CHECKIN"


def draw(state: State, disclosed: Disclosed, role: Role) -> DrawView | None:
    """How far the draw is, or None where there is none or the role is shown nothing of it."""
    frozen = state.drawn.frozen
    if frozen is None or not visibility.shows("draw", role):
        return None
    drawn = state.drawn
    return DrawView(
        draw=frozen.draw,
        root=frozen.root,
        strata=tuple(
            StratumView(one.province, one.speciality, one.eligible, one.left) for one in frozen.strata
        ),
        parties=tuple(
            PartyView(
                one.party, one.province, one.role, one.party in drawn.commitments, one.party in drawn.revealed
            )
            for one in frozen.parties
        ),
        withheld=tuple(frozen.withheld),
        places=len(frozen.seats),
        subs=frozen.subs,
        venues_drawn=drawn.venues_drawn,
        drawn=drawn.drawn,
        seed=drawn.seed,
        left_out=_left_out(state, disclosed, role),
        subject=frozen.subject,
        seats=tuple(dict.fromkeys(one.seat for one in drawn.takes)) if role == "agent" else (),
    )


def objections(state: State, disclosed: Disclosed, role: Role, track: Track) -> tuple[ObjectionView, ...]:
    """What was objected to at an opening, and how it was answered (条例 44)."""
    if not visibility.shows("bids", role):
        return ()
    shown = visibility.allowed(state, "objection", role, track)
    return tuple(
        ObjectionView(
            number,
            one.bidder,
            bool(one.answer),
            disclosed.get_value(one.objection) if shown else None,
            disclosed.get_value(one.answer) if shown and one.answer else None,
        )
        for number, one in enumerate(track.turns.objections, 1)
    )


def limits(state: State, role: Role, plan: Plan | None) -> LimitsView | None:
    """The plan's limits that acts of version 3 carry; None where the plan is not shown."""
    if plan is None or not visibility.shows("turns", role):
        return None
    conduct = conduct_of(plan.conduct)
    before = state.phase == _BEFORE_START
    return LimitsView(
        suspension_ms=conduct.suspension_before_ms if before else conduct.suspension_during_ms,
        signing_ms=conduct.signing_ms,
    )


def _left_out(state: State, disclosed: Disclosed, role: Role) -> dict[str, int] | None:
    """Why experts were left out, each by the first of the reasons; None while the roll is not shown."""
    frozen = state.drawn.frozen
    if frozen is None or not visibility.allowed(state, "pool", role):
        return None
    roll: Roll | None = disclosed.get_value(frozen.pool, Roll)
    if roll is None:
        return None
    counts: Counter[str] = Counter(gone.found[0].reason for gone in roll.left)
    return dict(sorted(counts.items()))
