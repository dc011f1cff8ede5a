"""What seats and main venues say of signatures, kept by two coordinators that share a database."""

import asyncio

from server.store.contract import PaperRow
from tests.server.store.places import Place


async def test_what_is_said_of_a_papers_signature_is_kept_once_whoever_says_it_again(place: Place) -> None:
    one, other = place.opened(), place.opened()
    for store in (one, other):
        await store.prepare()
    await asyncio.gather(*(store.put_paper("s", "M1", b"wish") for store in (one, other)))
    assert await other.papers("s") == (PaperRow("s", "M1", 2, b"wish"),)
    await one.tell_papers("s", (("M1", 1, b"of the first wish"),))
    await one.tell_papers("s", (("M1", 2, b"question"), ("M2", 1, b"to nobody")))
    assert not await other.answer_paper("s", "M1", b"another question", b"answer")
    assert await other.answer_paper("s", "M1", b"question", b"answer")
    await one.tell_papers("s", (("M1", 2, b"question"),))
    assert await one.papers("s", "M1") == (PaperRow("s", "M1", 2, b"wish", b"question", b"answer"),)
    await other.tell_papers("s", (("M1", 2, b"made"),))
    assert await one.papers("s") == (PaperRow("s", "M1", 2, b"wish", b"made"),)
    await one.put_paper("s", "M1", b"anew")
    await one.put_paper("s", "M2", b"wish")
    await one.put_paper("t", "M1", b"of another")
    assert await other.papers("s") == (PaperRow("s", "M1", 3, b"anew"), PaperRow("s", "M2", 1, b"wish"))
    await other.drop_papers("s", ("M1",))
    assert [row.seat for row in await one.papers("s")] == ["M2"]
    assert [row.wish for row in await one.papers("t")] == [b"of another"]
    for store in (one, other):
        await store.close()
