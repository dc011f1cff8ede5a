"""The signing of reports in SQL: of each seat that wishes to sign, what was last said from either side.

Every change is one statement that names what it was decided on, so that coordinators beside each other, and
a message that is sent again, change nothing twice.
"""

import contextlib
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.store import tables
from server.store.contract import PaperRow

_c = tables.papers.c
_OF = _c.session_id == bindparam("session")
_AT = _c.seat == bindparam("at_seat")
_READ = select(_c.session_id, _c.seat, _c.number, _c.wish, _c.told, _c.answer).where(_OF).order_by(_c.seat)
_READ_ONE = _READ.where(_AT)
_DROP = delete(tables.papers).where(_OF, _c.seat.in_(bindparam("seats", expanding=True)))
_KEEP = insert(tables.papers)
_ANSWER = (
    update(tables.papers).where(_OF, _AT, _c.told == bindparam("asked")).values(answer=bindparam("given"))
)
_TELL = (
    update(tables.papers)
    .where(_OF, _AT, _c.number == bindparam("of_wish"), _c.told != bindparam("said"))
    .values(told=bindparam("said"), answer=b"")
)


def read(connection: Connection, session: str, seat: str) -> tuple[PaperRow, ...]:
    """A session's rows by seat, or one seat's."""
    found = connection.execute(
        _READ_ONE if seat else _READ, {"session": session, **({"at_seat": seat} if seat else {})}
    )
    return tuple(PaperRow(*one[:3], *(bytes(raw) for raw in one[3:])) for one in found)


def put(connection: Connection, session: str, seat: str, wish: bytes) -> None:
    """Keep a wish; what was said of one before is gone.

    Where another coordinator keeps one of the same seat at this very moment, the later one stands.
    """
    with contextlib.suppress(IntegrityError), connection.begin_nested():
        return _put(connection, session, seat, wish)
    return _put(connection, session, seat, wish)


def _put(connection: Connection, session: str, seat: str, wish: bytes) -> None:
    before = read(connection, session, seat)
    number = before[0].number + 1 if before else 1
    connection.execute(_DROP, {"session": session, "seats": [seat]})
    row = {"session_id": session, "seat": seat, "number": number, "wish": wish, "told": b"", "answer": b""}
    connection.execute(_KEEP, row)


def answer(connection: Connection, session: str, seat: str, asked: bytes, given: bytes) -> bool:
    """Keep the answer to what was told last; False where something else was told meanwhile."""
    told = {"session": session, "at_seat": seat, "asked": asked, "given": given}
    return connection.execute(_ANSWER, told).rowcount == 1


def tell(connection: Connection, session: str, said: Sequence[tuple[str, int, bytes]]) -> None:
    """Keep what is said of seats' last wishes; an answer to what was said before is needed no more."""
    for seat, number, one in said:
        told = {"session": session, "at_seat": seat, "of_wish": number, "said": one}
        connection.execute(_TELL, told)


def drop(connection: Connection, session: str, seats: Sequence[str]) -> None:
    """Keep nothing more of these seats."""
    connection.execute(_DROP, {"session": session, "seats": list(seats)})
