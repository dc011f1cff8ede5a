"""The report made ready to be signed, from the main venue's own copy of the record (SPEC 29.6).

Owns who is given a place: each member of the roster, and of the others those whom the agent names, or every
witness who has signed in. Dissents that are recorded by then become annexes. The same record gives the same
bytes. Sources: 实施条例 53; 12号令 43.
"""

from main_venue.papers.shelf import PaperShelf
from main_venue.report import dissent, gathered, paper
from main_venue.report.gathered import Gathered, NotRanked
from main_venue.signing import prepared
from main_venue.signing.manifest import Field
from main_venue.signing.prepared import Attached, NotPreparable
from main_venue.typeset.document import GlyphMissing
from protocol.commands_signatures import Place, PlaceRole, PrepareReport
from protocol.hidden import Disclosed
from protocol.record import Record
from protocol.refusals import Refusal, refuse
from protocol.session.outcome import OutcomeWithheld
from protocol.session.state import State

_ROLES: dict[str, PlaceRole] = {"tenderee": "tenderee", "witness": "witness"}


def prepare(
    state: State, disclosed: Disclosed, entries: tuple[bytes, ...], named: str, shelf: PaperShelf
) -> PrepareReport | Refusal:
    """Typeset and prepare the imported report, keep it, and name it.

    Args:
      state: the session, in SIGNING.
      disclosed: what this node holds of it.
      entries: its entries, from the first on.
      named: seats besides the members', parted by commas; empty for every witness who has signed in.
      shelf: where the file is kept.

    Returns:
      The act's content; `PaperNotMade` says what is missing.

    Raises:
      OSError: the disk would not take it.
    """
    if not state.report:
        return refuse("WrongPhase", phase=state.phase, type="PrepareReport", wanted="SIGNING")
    try:
        told = gathered.gather(Record(state.session, entries, disclosed), state)
        fields = _fields(told, _others(state, named))
        pdf = prepared.prepare(paper.pdf(told), fields, _annexes(told), told.ended_ms)
    except (NotRanked, OutcomeWithheld, NotPreparable, GlyphMissing) as error:
        return refuse("PaperNotMade", why=str(error)[:200])
    places = tuple(Place(one.seat, one.role) for one in fields)
    return PrepareReport(state.report, shelf.put(state.session, pdf), places)


def _others(state: State, named: str) -> tuple[str, ...]:
    if named:
        return tuple(dict.fromkeys(one.strip() for one in named.split(",") if one.strip()))
    return tuple(sorted(seat.seat for seat in state.seats.values() if seat.role == "witness" and seat.key))


def _fields(told: Gathered, others: tuple[str, ...]) -> tuple[Field, ...]:
    members = tuple(Field(one.seat, "member", one.name) for one in told.members)
    more = []
    for seat in others:
        found = told.state.seats.get(seat)
        role = None if found is None else _ROLES.get(found.role)
        if role is None:
            raise NotPreparable(f"no place for {seat}")
        more.append(Field(seat, role))
    return (*members, *more)


def _annexes(told: Gathered) -> tuple[Attached, ...]:
    said = () if told.turns is None else told.turns.dissents
    return tuple(
        Attached(f"dissent-{one.seat}.pdf", dissent.pdf(told, one)) for one in said if one.dissent is not None
    )
