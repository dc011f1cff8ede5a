"""A supervisor intervenes, the session answers, the installation notes who is late (SPEC 34, 32.9).

Sources: 招标投标法 7 (supervision by law), 38 (nobody may interfere); 条例 62 (those concerned cooperate);
355号 十 (supervision stays with the project's place); 河北 管理办法 2025 (主场负责制: the host answers).
"""

from protocol import limits
from protocol.commands_oversight import AnswerIntervention, Intervene, NoteAnswerOverdue
from protocol.events_oversight import AnswerOverdue, Intervened, InterventionAnswered
from protocol.plan import interventions as table
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Asked, Decision
from protocol.session.oversight import reading
from protocol.session.oversight.state import Intervention
from protocol.session.phases import RULES
from protocol.session.state import Speaker, State


def intervene(asked: Asked, content: Intervene) -> Decision:
    """Ask, warn, or request a suspension.

    Refused: a subject that is not there, one that this province has no standing to address, a reason that is
    not in the table, a request that is not put to the session or could not be granted, one too many.
    """
    state, who = asked.state, asked.who
    fault = (
        _unknown_subject(state, content)
        or _without_standing(state, who, content)
        or _unfit(state, content)
        or _too_many(state, who)
    )
    if fault is not None:
        return fault
    return (
        Intervened(
            number=len(state.oversight.interventions) + 1, seat=who.seat, venue=who.venue, kind=content.kind,
            scope=content.scope, subject=content.subject, reason=content.reason, text=content.text,
            answer_ms=content.answer_ms, due_at=asked.at + content.answer_ms,
        ),
    )  # fmt: skip


def answer(asked: Asked, content: AnswerIntervention) -> Decision:
    """Answer one, once; late or not.

    Refused: a number that is not there, one put to somebody else, one that is answered, an outcome that its
    kind does not take, a suspension that nobody entered.
    """
    state, who = asked.state, asked.who
    one = _of(state, content.number)
    if isinstance(one, Refusal):
        return one
    if not reading.may_answer(one, who):
        return refuse("NotAddressed", number=one.number, seat=who.seat)
    if one.answer is not None:
        return refuse("AlreadyDone")
    if content.outcome not in table.FITTING[one.kind]:
        fitting = [table.OUTCOME_TERMS[name] for name in table.FITTING[one.kind]]
        zh, en = "、".join(term.zh for term in fitting), ", ".join(term.en for term in fitting)
        return refuse("InterventionUnfit", zh=f"可以答复:{zh}", en=f"it takes: {en}")
    if content.outcome == "suspended" and reading.suspensions(state) <= one.suspensions:
        return refuse(
            "InterventionUnfit",
            zh="收到要求后尚未中断评标。请先登记中断,再答复",
            en="the session was not suspended since it was asked; suspend first, then answer",
        )
    return (
        InterventionAnswered(
            number=one.number, seat=who.seat, outcome=content.outcome, answer=content.answer
        ),
    )  # fmt: skip


def note_overdue(asked: Asked, content: NoteAnswerOverdue) -> Decision:
    """An intervention's time is over and nobody has answered; said once."""
    one = _of(asked.state, content.number)
    if isinstance(one, Refusal) or one.answer is not None or one.overdue or asked.at < one.due_at:
        return refuse("AlreadyDone")
    return (AnswerOverdue(number=one.number),)


def _of(state: State, number: int) -> Intervention | Refusal:
    found = state.oversight.interventions
    return found[number - 1] if number <= len(found) else refuse("UnknownIntervention", number=number)


def _unknown_subject(state: State, content: Intervene) -> Refusal | None:
    match content.scope:
        case "session":
            known = content.subject == ""
        case "venue":
            known = content.subject in state.venues
        case "seat":
            seat = state.seats.get(content.subject)
            known = seat is not None and seat.role in table.ADDRESSABLE
        case _:
            known = content.subject in table.ADDRESSABLE
    return None if known else refuse("UnknownSubject", subject=content.subject)


def _without_standing(state: State, who: Speaker, content: Intervene) -> Refusal | None:
    """The project's place may address all; another province the session, and what stands in that province."""
    main = next(venue.province for venue in state.venues.values() if venue.role == "main")
    own = state.venues[who.venue].province
    if own == main or content.scope == "session":
        return None
    venue = state.seats[content.subject].venue if content.scope == "seat" else content.subject
    if content.scope != "role" and state.venues[venue].province == own:
        return None
    return refuse("NoStanding", subject=content.subject, province=own)


def _unfit(state: State, content: Intervene) -> Refusal | None:
    if content.reason not in table.CODES:
        return refuse("InterventionUnfit", zh=f"没有事由 {content.reason}", en=f"no reason {content.reason}")
    if content.kind != "suspend_request":
        return None
    if content.scope != "session":
        return refuse(
            "InterventionUnfit", zh="暂停只能向本场提出", en="a suspension is requested of the session alone"
        )
    phases = RULES[state.rules_version].acts["Suspend"].phases
    if state.phase not in phases:
        return refuse("WrongPhase", phase=state.phase, type="Intervene", wanted=", ".join(phases))
    return None


def _too_many(state: State, who: Speaker) -> Refusal | None:
    own = sum(1 for one in state.oversight.interventions if one.seat == who.seat)
    limit = limits.INTERVENTIONS_PER_SEAT_MAX
    return refuse("InterventionsFull", limit=limit) if own >= limit else None
