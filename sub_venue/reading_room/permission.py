"""Who may read what now: the catalogue through the allow-table, for one seat (SPEC 14.2).

Owns the join of catalogue and record. Everything that is told or shown of documents passes here, at every
request. What may not be read is not named. Must not know HTTP or sockets.
"""

from collections.abc import Iterator

from protocol.projection import visibility
from protocol.reading import DocumentNote, ShelfNote
from protocol.refusals import Refusal, refuse
from protocol.session.state import State, members
from protocol.words import Role, track_name
from sub_venue.reading_room.catalogue import Catalogue, Listed
from sub_venue.reading_room.tokens import Reader


def stands(state: State, reader: Reader) -> bool:
    """Whether the reader's key still speaks for its seat, an expert's as a member of the committee."""
    who = state.keys.get(reader.key)
    if who is None or (who.seat, who.role) != (reader.seat, reader.role):
        return False
    return who.role != "expert" or any(member.seat == who.seat for member in members(state))


def judged(state: State, role: Role, listed: Listed) -> Refusal | None:
    """Why a role may not read a document now; None where it may."""
    track = state.tracks.get(track_name(listed.lot, listed.envelope))
    if visibility.readable(state, listed.shelf, role, track):
        if visibility.withheld(listed.shelf, listed.code, role, track):
            return refuse("BlindPartWithheld", bid=listed.code)
        return None
    row = visibility.opens(state, listed.shelf, role)
    if row is None:
        return refuse("UnknownDocument")
    return refuse("ShelfClosed", phase=row.phase)


def readable(state: State, role: Role, catalogue: Catalogue) -> tuple[Listed, ...]:
    """The documents that a role may read now, in the catalogue's order."""
    return tuple(one for one in catalogue.documents if judged(state, role, one) is None)


def notes(found: tuple[Listed, ...]) -> tuple[DocumentNote, ...]:
    """Documents as a page is told of them."""
    return tuple(
        DocumentNote(one.document, one.shelf, one.lot, one.envelope, one.code, one.title, one.answers)
        for one in found
    )


def closed(state: State, role: Role, catalogue: Catalogue) -> tuple[ShelfNote, ...]:
    """The shelves that are closed to a role now and will open, once for each stage."""
    return tuple(dict.fromkeys(_closed(state, role, catalogue)))


def _closed(state: State, role: Role, catalogue: Catalogue) -> Iterator[ShelfNote]:
    for one in catalogue.documents:
        fault = judged(state, role, one)
        if fault is not None and fault.code == "ShelfClosed":
            yield ShelfNote(one.shelf, one.lot, one.envelope, fault.detail["phase"])
