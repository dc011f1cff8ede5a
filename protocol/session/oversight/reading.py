"""Questions about interventions that rules, guards and projections share (SPEC 34)."""

from collections.abc import Iterator

from protocol.hidden import Field
from protocol.session.oversight.state import Intervention
from protocol.session.state import Speaker, State


def unanswered(state: State) -> tuple[Intervention, ...]:
    """Those that nobody has answered yet, in order of number."""
    return tuple(one for one in state.oversight.interventions if one.answer is None)


def addressed(one: Intervention, who: Speaker) -> bool:
    """Whether it is put to this seat: by its id, by its role, by its venue for who keeps order there."""
    match one.scope:
        case "session":
            return who.role == "agent"
        case "venue":
            return who.role in ("witness", "keeper") and who.venue == one.subject
        case "seat":
            return who.seat == one.subject
    return who.role == one.subject


def may_answer(one: Intervention, who: Speaker) -> bool:
    """Whether this seat may answer: the agent always (主场负责制), else whoever was addressed by name."""
    return who.role == "agent" or (one.scope in ("venue", "seat") and addressed(one, who))


def provinces(state: State, one: Intervention) -> tuple[str, ...]:
    """Whose the words are: the province of whoever asked, and of what is addressed (SPEC 34.3)."""
    of = {venue: found.province for venue, found in state.venues.items()}
    match one.scope:
        case "venue":
            addressed_in = {of[one.subject]}
        case "seat":
            addressed_in = {of[state.seats[one.subject].venue]} if one.subject in state.seats else set()
        case "role":
            addressed_in = set(of.values())
        case _:
            addressed_in = set()
    return tuple(sorted({*addressed_in, of[one.venue]} if one.venue in of else addressed_in))


def hidden(state: State) -> Iterator[tuple[Field, bytes, None, str]]:
    """The hidden words that the state names: field, digest, no stage, and each province they are of."""
    for one in state.oversight.interventions:
        for province in provinces(state, one):
            yield "intervention", one.text, None, province
            if one.answer is not None:
                yield "intervention_answer", one.answer.text, None, province


def suspensions(state: State) -> int:
    """How many suspensions the record has so far."""
    return len(state.turns.suspended) + (state.turns.suspension is not None)
