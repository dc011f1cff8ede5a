"""What every engine does, the same tried on the embedded one and on Janus, over real ICE, DTLS and SRTP."""

import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ops.bench import media_janus
from ops.faults.apart.namespaces import Place
from server.media.embedded import Embedded
from server.media.engine import BadOffer, Engine, Full, NotLive
from server.media.janus import Janus
from server.media.janus_talk import JanusGone, JanusRefused, Talk
from server.media.settings import Bounds, JanusSettings
from server.senses import Senses
from tests.server.media.ends import is_seamless, published, until, watched
from tests.server.media.test_embedded import Keeping

SECRET = "between-worker-and-janus"
HOST = media_janus.ADDRESS
ENGINES = ("embedded", "janus")


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """A network of this process's own, with an address that is no loopback's; back afterwards."""
    home = Place.here()
    device = media_janus.ground()
    try:
        yield
    finally:
        home.enter()
        home.close()
        os.close(device)


@contextlib.asynccontextmanager
async def engine(kind: str, folder: Path, bounds: Bounds | None = None) -> AsyncIterator[Engine]:
    """An engine of a kind; Janus beside it where it wants one."""
    told = bounds or Bounds()
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(apart())
        found: Engine
        if kind == "embedded":
            found = Embedded(Senses(), told, hosts=(HOST,))
        else:
            _, url = await stack.enter_async_context(media_janus.running(folder, loops=1, secret=SECRET))
            found = Janus(Senses(), told, JanusSettings(url=url), SECRET, hosts=(HOST,))
        await found.start()
        stack.push_async_callback(found.close)
        yield found


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_viewer_gets_each_packet_of_picture_and_sound_and_is_told_where_they_stand(
    kind: str, tmp_path: Path
) -> None:
    async with (
        engine(kind, tmp_path) as to,
        published(to, "seat-1", "audio", "video", host=HOST) as tracks,
    ):
        await until(lambda: tracks[1].sent > 3)
        async with watched(to, "seat-1", "wang", "audio", "video", host=HOST) as viewer:
            await until(lambda: len(viewer.frames()) > 30 and len(viewer.packets["audio"]) > 20)
            frames = viewer.frames()
            assert frames == list(range(frames[0], frames[0] + len(frames)))
            assert is_seamless(viewer.numbers())
            assert is_seamless(viewer.numbers("audio"))
            assert viewer.packets["audio"][0].payload[5:] == b"." * 75
            await until(lambda: all(viewer.reports.values()))
            told = to.stats()
            assert (told.engine, told.publishers, told.viewers) == (kind, 1, 1)
            assert {one.name: one.codec for one in told.sources[0].streams} == {
                "audio": "opus", "video": "VP8",
            }  # fmt: skip


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_viewer_goes_on_without_a_seam_when_its_source_is_published_anew(
    kind: str, tmp_path: Path
) -> None:
    async with (
        engine(kind, tmp_path) as to,
        published(to, "seat-1", host=HOST),
        watched(to, "seat-1", "wang", host=HOST) as viewer,
    ):
        await until(lambda: len(viewer.packets["video"]) > 20)
        async with published(to, "seat-1", host=HOST) as tracks:
            await until(lambda: tracks[0].sent > 5)
            before = len(viewer.packets["video"])
            await until(lambda: len(viewer.packets["video"]) > before + 40)
            assert is_seamless(viewer.numbers())
            assert len({one.ssrc for one in viewer.packets["video"]}) == 1
            told = to.stats()
            assert (told.publishers, told.viewers, told.sources[0].publications) == (1, 1, 2)


async def test_who_watches_at_janus_offers_anew_when_the_publisher_has_gone(tmp_path: Path) -> None:
    async with engine("janus", tmp_path) as to:
        async with published(to, "seat-1", host=HOST):
            gone = watched(to, "seat-1", "wang", host=HOST)
            viewer = await gone.__aenter__()
            await until(lambda: bool(viewer.packets["video"]))
        await until(lambda: not to.is_up(viewer.resource))
        await until(lambda: viewer.connection.connectionState == "closed")
        await gone.__aexit__(None, None, None)
        with pytest.raises(NotLive):
            async with watched(to, "seat-1", "wang", host=HOST):
                pass
        async with published(to, "seat-1", host=HOST), watched(to, "seat-1", "wang", host=HOST) as again:
            await until(lambda: len(again.packets["video"]) > 10)


@pytest.mark.parametrize("kind", ENGINES)
async def test_who_publishes_or_watches_anew_takes_the_place_of_the_line_before(
    kind: str, tmp_path: Path
) -> None:
    async with (
        engine(kind, tmp_path) as to,
        published(to, "seat-1", host=HOST),
        watched(to, "seat-1", "wang", host=HOST) as one,
    ):
        await until(lambda: bool(one.packets["video"]))
        async with (
            published(to, "seat-1", host=HOST),
            watched(to, "seat-1", "wang", host=HOST) as again,
        ):
            await until(lambda: len(again.packets["video"]) > 10)
            assert (to.stats().publishers, to.stats().viewers) == (1, 1)
            assert await to.leave(again.resource)
            assert not await to.leave(again.resource)
            assert to.stats().viewers == 0


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_sink_is_handed_what_is_published_then_and_later(kind: str, tmp_path: Path) -> None:
    sink = Keeping()
    async with engine(kind, tmp_path) as to:
        to.record("seat-1", sink)
        async with published(to, "seat-1", "audio", "video", host=HOST):
            await until(lambda: bool(sink.clocks) and len(sink.packets) > 40)
            to.keyframe("seat-1")
        await until(lambda: len(sink.said) == 4)
        assert set(sink.said[:2]) == {("began", "audio opus 1"), ("began", "video VP8 1")}
        assert set(sink.said[2:]) == {("ended", "audio opus 1"), ("ended", "video VP8 1")}
        video = [packet.sequence for track, packet in sink.packets if track.kind == "video"]
        assert is_seamless(video)
        async with published(to, "seat-1", "video", host=HOST):
            await until(lambda: ("began", "video VP8 2") in sink.said)


@pytest.mark.parametrize("kind", ENGINES)
async def test_who_never_comes_behind_its_offer_is_let_go(kind: str, tmp_path: Path) -> None:
    async with (
        engine(kind, tmp_path, Bounds(connecting_ms=5_000)) as to,
        published(to, "seat-1", host=HOST),
        watched(to, "seat-1", "wang", host=HOST) as stays,
    ):
        await until(lambda: bool(stays.packets["video"]))
        async with watched(to, "seat-1", "li", host=HOST) as gone:
            await until(lambda: bool(gone.packets["video"]))
            sdp = stays.connection.localDescription.sdp.replace("sendonly", "recvonly")
        await to.subscribe("seat-1", "never", sdp)
        await until(lambda: to.stats().viewers == 1)
        count = len(stays.packets["video"])
        await until(lambda: len(stays.packets["video"]) > count + 10)


@pytest.mark.parametrize("kind", ENGINES)
async def test_what_is_not_there_or_too_much_is_a_fault_of_its_own(kind: str, tmp_path: Path) -> None:
    async with engine(kind, tmp_path, Bounds(connections_max=1)) as to:
        with pytest.raises(BadOffer):
            await to.publish("seat-1", "v=0 nonsense")
        assert to.stats().publishers == 0
        with pytest.raises(NotLive):
            async with watched(to, "seat-1", "wang", host=HOST):
                pass
        with pytest.raises(NotLive):
            await to.accept("nobody", "v=0")
        async with published(to, "seat-1", host=HOST):
            with pytest.raises(Full):
                async with published(to, "seat-2", host=HOST):
                    pass


async def test_a_source_at_janus_is_handed_on_to_another_worker(tmp_path: Path) -> None:
    async with engine("janus", tmp_path) as to, published(to, "seat-1", host=HOST):
        far = Embedded(Senses(), Bounds(), hosts=(HOST,))
        await far.start()
        try:

            async def ask(offer: str) -> str:
                return (await far.publish("seat-1", offer)).sdp

            resource = await to.hand_on("seat-1", ask)
            async with watched(far, "seat-1", "wang", host=HOST) as viewer:
                await until(lambda: len(viewer.packets["video"]) > 10)
            assert to.is_up(resource)
            assert to.stats().viewers == 1
        finally:
            await far.close()


async def test_when_janus_goes_its_lines_end_and_the_next_one_is_reached(tmp_path: Path) -> None:
    with apart():
        port = media_janus.free_port()
        async with contextlib.AsyncExitStack() as first:
            _, url = await first.enter_async_context(
                media_janus.running(tmp_path, loops=1, secret=SECRET, port=port)
            )
            to = Janus(Senses(), Bounds(), JanusSettings(url=url), SECRET, hosts=(HOST,))
            await to.start()
            publishing = published(to, "seat-1", host=HOST)
            await publishing.__aenter__()
            async with watched(to, "seat-1", "wang", host=HOST) as viewer:
                await until(lambda: bool(viewer.packets["video"]))
        try:
            await until(lambda: to.stats().publishers == 0)
            async with media_janus.running(tmp_path, loops=1, secret=SECRET, port=port):
                await until(lambda: to.is_reached)
                async with (
                    published(to, "seat-1", host=HOST),
                    watched(to, "seat-1", "wang", host=HOST) as again,
                ):
                    await until(lambda: len(again.packets["video"]) > 5)
        finally:
            await publishing.__aexit__(None, None, None)
            await to.close()


async def test_a_janus_that_is_not_there_or_has_another_secret_is_told_by_name(tmp_path: Path) -> None:
    with apart():
        with pytest.raises(JanusGone):
            await Talk.open(f"ws://127.0.0.1:{media_janus.free_port()}", "")
        async with media_janus.running(tmp_path, loops=1, secret=SECRET) as (_, url):
            with pytest.raises(JanusRefused, match="403"):
                await Talk.open(url, "guess")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"url": "ws://media.example:8188"}, "loopback"),
        ({"url": "http://127.0.0.1:8188"}, "match"),
    ],
)
def test_a_janus_beyond_this_machine_is_reached_by_tls_alone(told: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        JanusSettings.model_validate(told)
