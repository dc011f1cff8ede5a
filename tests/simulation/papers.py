"""Of the simulated database: what is kept while a report is signed."""

from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from server.store.contract import PaperRow

Papers = dict[tuple[str, str], PaperRow]


class HasPapers(Protocol):
    """The rows of all coordinators of one world, as far as they are of papers."""

    papers: Papers


class SimPapers:
    """That part of one coordinator's way to the database."""

    _read: Callable[[Any], Any]
    _write: Callable[[Any], Any]

    async def put_paper(self, session: str, seat: str, wish: bytes) -> None:
        def put(base: HasPapers) -> None:
            before = base.papers.get((session, seat))
            number = 1 if before is None else before.number + 1
            base.papers[session, seat] = PaperRow(session, seat, number, wish)

        await self._write(put)

    async def papers(self, session: str, seat: str = "") -> tuple[PaperRow, ...]:
        def found(base: HasPapers) -> tuple[PaperRow, ...]:
            rows = sorted(base.papers.items())
            return tuple(row for name, row in rows if name[0] == session and seat in ("", name[1]))

        rows: tuple[PaperRow, ...] = await self._read(found)
        return rows

    async def answer_paper(self, session: str, seat: str, asked: bytes, given: bytes) -> bool:
        def kept(base: HasPapers) -> bool:
            row = base.papers.get((session, seat))
            if row is None or row.told != asked:
                return False
            base.papers[session, seat] = replace(row, answer=given)
            return True

        done: bool = await self._write(kept)
        return done

    async def tell_papers(self, session: str, said: tuple[tuple[str, int, bytes], ...]) -> None:
        def tell(base: HasPapers) -> None:
            for seat, number, told in said:
                row = base.papers.get((session, seat))
                if row is not None and row.number == number and row.told != told:
                    base.papers[session, seat] = replace(row, told=told, answer=b"")

        await self._write(tell)

    async def drop_papers(self, session: str, seats: tuple[str, ...]) -> None:
        def drop(base: HasPapers) -> None:
            for seat in seats:
                base.papers.pop((session, seat), None)

        await self._write(drop)
