"""Interventions as one seat is shown them (SPEC 34.3).

Owns whom they are shown to one by one, and who is not told whose they are: an expert and the tenderee see
what is put to them, and never by which province's supervisor. Sources: 招标投标法 38; 条例 49; 12号令 13.
"""

from protocol.hidden import Disclosed
from protocol.limits import INTERVENTIONS_SHOWN_MAX
from protocol.projection import visibility
from protocol.session.oversight import reading
from protocol.session.oversight.state import Intervention
from protocol.session.state import AGENT_SEAT, Speaker, State
from protocol.views import Awaited
from protocol.views_oversight import InterventionView
from protocol.words import Role


def interventions(state: State, disclosed: Disclosed, role: Role, seat: str) -> tuple[InterventionView, ...]:
    """Those that the seat is shown, in order of number: all that are open, then the newest."""
    if not visibility.shows("interventions", role):
        return ()
    who = _speaker(state, role, seat)
    found = [one for one in state.oversight.interventions if _shown(one, who)]
    kept = {one.number for one in found if one.answer is None}
    kept |= {one.number for one in found[-INTERVENTIONS_SHOWN_MAX:]}
    return tuple(_view(state, disclosed, one, who) for one in found if one.number in kept)


def awaited(state: State, role: Role, told: tuple[Awaited, ...]) -> tuple[Awaited, ...]:
    """Who is awaited, with the answers that the end waits for, to whoever is shown all interventions."""
    hidden = role in visibility.ADDRESSED_ONLY or not visibility.shows("interventions", role)
    if hidden or not reading.unanswered(state):
        return told
    ends = ("SubmitReport", "ArchiveSession")
    answers = Awaited(AGENT_SEAT, "agent", "AnswerIntervention")
    return (*(one for one in told if one.act not in ends), answers)


def answers_nothing(state: State, seat: str) -> bool:
    """Whether no open intervention is this seat's to answer."""
    own = state.seats.get(seat)
    if own is None:
        return True
    who = Speaker(own.role, own.seat, own.venue)
    return not any(reading.may_answer(one, who) for one in reading.unanswered(state))


def _shown(one: Intervention, who: Speaker) -> bool:
    return who.role not in visibility.ADDRESSED_ONLY or reading.addressed(one, who)


def _speaker(state: State, role: Role, seat: str) -> Speaker:
    own = state.seats.get(seat)
    return Speaker(role, seat, "" if own is None else own.venue)


def _view(state: State, disclosed: Disclosed, one: Intervention, who: Speaker) -> InterventionView:
    told = who.role not in visibility.ADDRESSED_ONLY
    venue = state.venues.get(one.venue)
    worded = _worded(state, one, who)
    given = one.answer
    return InterventionView(
        number=one.number,
        seq=one.seq,
        at=one.at,
        kind=one.kind,  # type: ignore[arg-type]
        scope=one.scope,  # type: ignore[arg-type]
        subject=_subject(state, one, who),
        reason=one.reason,
        due_at=one.due_at,
        overdue=one.overdue,
        seat=one.seat if told else "",
        venue=one.venue if told else "",
        province=venue.province if told and venue is not None else "",
        text=disclosed.get_value(one.text) if worded else None,
        answerable=given is None and reading.may_answer(one, who),
        answered_at=0 if given is None else given.at,
        answered_by="" if given is None else given.seat,
        outcome=None if given is None else given.outcome,  # type: ignore[arg-type]
        answer=disclosed.get_value(given.text) if given is not None and worded else None,
    )


def _worded(state: State, one: Intervention, who: Speaker) -> bool:
    """Whether the seat is shown the words: by the table, a keeper only what its venue is asked."""
    if who.role in visibility.WORDS_ADDRESSED_ONLY and not reading.addressed(one, who):
        return False
    to = visibility.province_of(state, who.seat)
    return any(
        visibility.allowed(state, "intervention", who.role, of=of, to=to)
        for of in reading.provinces(state, one)
    )


def _subject(state: State, one: Intervention, who: Speaker) -> str:
    if one.scope != "seat" or who.role not in visibility.IN_COUNTS:
        return one.subject
    of, to = visibility.province_of(state, one.subject), visibility.province_of(state, who.seat)
    return one.subject if visibility.reaches(state, of, to) else ""
