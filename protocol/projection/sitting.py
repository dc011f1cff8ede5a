"""What is shown of the committee as it sits: chair, recusal, suspension, dissent (SPEC 15, 17).

Part of `project`, for rules version 3; nothing under versions without such acts. Votes on the chair are shown
as they stand in the record: of a secret ballot who has voted, and for whom once the votes are opened.
"""

from protocol.hidden import Disclosed
from protocol.plan.conduct import conduct_of
from protocol.plan.plan import Plan
from protocol.projection import visibility
from protocol.session.committee.chair import candidate_fault
from protocol.session.committee.identity import sufficient
from protocol.session.phases import RULES
from protocol.session.state import State, members
from protocol.session.turns.guards import reconfirmed, to_reconfirm
from protocol.views_review import BallotOfChair, CommitteeView, SigningView, SuspensionView, VoidView
from protocol.words import Role


def grown(state: State) -> bool:
    """Whether the session's rules know the acts that this module shows."""
    return "ElectChair" in RULES[state.rules_version].grown


def committee(state: State, role: Role) -> CommitteeView | None:
    """Who sits and who leads, or None."""
    if not grown(state) or not visibility.shows("committee", role):
        return None
    drawn = state.drawn
    ballot = drawn.ballot
    return CommitteeView(
        drawn=drawn.drawn,
        chair=drawn.chair,
        named=drawn.chair_named,
        ballot=BallotOfChair(
            number=ballot.number,
            secret=ballot.secret,
            voted=tuple(sorted(ballot.commitments if ballot.secret else ballot.votes)),
            votes=ballot.votes,
            candidates=tuple(
                seat.seat for seat in members(state) if candidate_fault(state, seat.seat) is None
            ),
        ),
        identified=tuple(sorted(seat for seat, steps in drawn.confirmed.items() if sufficient(steps))),
        recused=drawn.recused,
        replaced=drawn.replaced,
    )


def suspension(state: State, disclosed: Disclosed, role: Role) -> SuspensionView | None:
    """The suspension that goes on, or None."""
    found = state.turns.suspension
    if found is None or not visibility.shows("suspension", role):
        return None
    asked = to_reconfirm(state)
    return SuspensionView(
        phase=found.phase,
        reason=found.reason,
        seat=found.seat,
        venue=found.venue,
        at=found.at,
        author_at=found.author_at,
        limit_ms=found.limit_ms,
        size=found.size,
        waiting=tuple(seat for seat in asked if not reconfirmed(state, seat)),
        reconfirmed=tuple(seat for seat in asked if reconfirmed(state, seat)),
        statement=_statement(state, disclosed, role, found.statement),
    )


def void(state: State, disclosed: Disclosed, role: Role) -> tuple[VoidView, ...]:
    """The committees whose conclusions are void."""
    if not visibility.shows("suspension", role):
        return ()
    return tuple(
        VoidView(one.number, one.reason, one.roster, _statement(state, disclosed, role, one.statement))
        for one in state.turns.void
    )


def signing(state: State, disclosed: Disclosed, role: Role, plan: Plan | None) -> SigningView | None:
    """Who did not simply sign, once there is a report to be signed; else None."""
    if not grown(state) or not state.report or not visibility.shows("signing", role):
        return None
    turns = state.turns
    shown = visibility.allowed(state, "dissent", role)
    until = 0
    if state.phase == "SIGNING" and plan is not None:
        until = state.entered_at + conduct_of(plan.conduct).signing_ms
    return SigningView(
        report=state.report,
        until=until,
        dissents={
            seat: disclosed.get_value(digest) if shown else None for seat, digest in turns.dissents.items()
        },
        refused=turns.refused,
        deemed=tuple(sorted(turns.deemed)),
    )


def _statement(state: State, disclosed: Disclosed, role: Role, digest: bytes) -> str | None:
    if not visibility.allowed(state, "statement", role):
        return None
    found: str | None = disclosed.get_value(digest)
    return found
