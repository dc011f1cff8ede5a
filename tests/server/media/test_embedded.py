"""The embedded engine over real ICE, DTLS and SRTP on loopback: what goes in comes out, whatever happens."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from server.media import keyframes, passthrough
from server.media.continuity import Continuity, History, Kept
from server.media.engine import BadOffer, Full, NotLive
from server.media.settings import Bounds
from server.media.sinks import Packet, Track
from server.media.stream import Skew, Stream
from server.senses import Senses
from tests.server.media.ends import (
    KEYFRAME_EVERY,
    WAIT_S,
    connection,
    engine,
    is_seamless,
    packet,
    published,
    until,
    watched,
)


class Keeping:
    """Keeps what it is handed; raises once it is told to."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.packets: list[tuple[Track, Packet]] = []
        self.clocks: list[tuple[int, int]] = []
        self.fails = False

    def began(self, track: Track) -> None:
        self.said.append(("began", f"{track.name} {track.codec} {track.publication}"))

    def packet(self, track: Track, packet: Packet) -> None:
        if self.fails:
            raise OSError("disk full")
        self.packets.append((track, packet))

    def clock(self, track: Track, ntp_ms: int, timestamp: int) -> None:
        self.clocks.append((ntp_ms, timestamp))

    def ended(self, track: Track) -> None:
        self.said.append(("ended", f"{track.name} {track.codec} {track.publication}"))


async def test_the_installed_aiortc_is_the_one_that_fits() -> None:
    assert (await passthrough.check()).startswith("aiortc 1.16.")


async def test_another_aiortc_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiortc.__version__", "1.17.0")
    with pytest.raises(passthrough.Misfit, match=r"1\.17\.0 is installed; this fits 1\.16"):
        await passthrough.check()


async def test_a_member_that_is_gone_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("aiortc.RTCRtpSender._run_rtcp")
    with pytest.raises(passthrough.Misfit, match=r"sender\._run_rtcp"):
        await passthrough.check()


async def test_a_viewer_gets_each_packet_as_it_was_encoded_and_begins_with_a_keyframe() -> None:
    async with engine() as to, published(to, "seat-1", "audio", "video") as tracks:
        await until(lambda: tracks[1].sent > 3)
        async with watched(to, "seat-1", "wang", "audio", "video") as viewer:
            await until(
                lambda: len(viewer.frames()) > 2 * KEYFRAME_EVERY and len(viewer.packets["audio"]) > 20
            )
            frames = viewer.frames()
            assert frames[0] % KEYFRAME_EVERY == 0
            assert frames[0] > 0
            assert frames == list(range(frames[0], frames[0] + len(frames)))
            assert is_seamless(viewer.numbers())
            assert is_seamless(viewer.numbers("audio"))
            assert viewer.packets["audio"][0].payload[5:] == b"." * 75
            told = to.stats()
            assert (told.publishers, told.viewers) == (1, 1)


async def test_what_the_line_lost_is_sent_again() -> None:
    async with engine() as to, published(to, "seat-1"), watched(to, "seat-1", "wang") as viewer:
        await until(lambda: bool(viewer.packets["video"]))
        stream = to._sources["seat-1"].streams["video"]
        leg, lost = stream.legs[0], list[int]()
        send = leg._write

        def lossy(*packet: Any) -> bool:
            if len(lost) < 10 and leg.packets % 7 == 3:
                lost.append(leg.packets)
                return True
            return send(*packet)

        leg._write = lossy  # type: ignore[assignment]
        await until(lambda: len(lost) == 10)
        leg._write = send
        await until(lambda: leg.retransmitted >= len(lost) and is_seamless(viewer.numbers()))


async def test_what_was_lost_between_workers_is_sent_again_of_two_pictures_too() -> None:
    async with engine() as near, engine() as far, published(near, "s", "audio", "video", "video"):

        async def ask(sdp: str) -> str:
            return (await far.publish("s", sdp)).sdp

        sent = near._sources["s"].streams
        await until(lambda: bool(sent["video"].packets))
        await near.hand_on("s", ask)
        come = far._sources["s"].streams
        await until(lambda: bool(come["video"].packets and come["audio"].packets))
        (leg,), lost = sent["video"].legs, list[int]()
        begun, write = come["video"].packets - leg.packets, leg._write

        def lossy(*packet: Any) -> bool:
            if len(lost) < 10 and leg.packets % 7 == 3:
                lost.append(leg.packets)
                return True
            return write(*packet)

        leg._write = lossy  # type: ignore[assignment]
        await until(lambda: len(lost) == 10)
        leg._write = write
        await until(lambda: come["video"].packets - leg.packets >= begun)
        assert leg.retransmitted >= 10


async def test_a_publisher_who_comes_back_goes_on_where_the_stream_stopped() -> None:
    async with engine() as to:
        async with published(to, "seat-1"):
            viewing = watched(to, "seat-1", "wang")
            viewer = await viewing.__aenter__()
            await until(lambda: len(viewer.packets["video"]) > 20)
        before = len(viewer.packets["video"])
        async with published(to, "seat-1"):
            await until(lambda: len(viewer.packets["video"]) > before + 20)
            assert is_seamless(viewer.numbers())
            stamps = [one.timestamp for one in viewer.packets["video"]]
            assert all(
                0 <= (after - first) & 0xFFFFFFFF < 1 << 31 for first, after in itertools.pairwise(stamps)
            )
            assert len({one.ssrc for one in viewer.packets["video"]}) == 1
            assert to.stats().sources[0].publications == 2
        await viewing.__aexit__(None, None, None)


async def test_who_publishes_a_source_anew_replaces_the_one_before() -> None:
    async with engine() as to, published(to, "seat-1"), watched(to, "seat-1", "wang") as viewer:
        await until(lambda: bool(viewer.packets["video"]))
        async with published(to, "seat-1"):
            before = len(viewer.packets["video"])
            await until(lambda: len(viewer.packets["video"]) > before + 20)
            assert (to.stats().publishers, to.stats().viewers) == (1, 1)


async def test_who_watches_a_source_anew_replaces_the_line_before() -> None:
    async with (
        engine() as to,
        published(to, "seat-1"),
        watched(to, "seat-1", "wang"),
        watched(to, "seat-1", "wang") as again,
    ):
        await until(lambda: len(again.packets["video"]) > 10)
        assert to.stats().viewers == 1


async def test_who_never_comes_behind_its_offer_leaves_nothing_behind() -> None:
    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    async with (
        engine(Bounds(connecting_ms=500)) as to,
        published(to, "seat-1"),
        watched(to, "seat-1", "wang") as stays,
    ):
        await until(lambda: bool(stays.packets["video"]))
        before = descriptors()
        for number in range(5):
            gone = connection()
            gone.addTransceiver("video", direction="recvonly")
            await gone.setLocalDescription(await gone.createOffer())
            await to.subscribe("seat-1", f"gone-{number}", gone.localDescription.sdp)
            await gone.close()
        assert to.stats().viewers == 6
        assert descriptors() > before
        await until(lambda: to.stats().viewers == 1)
        await until(lambda: descriptors() <= before)
        count = len(stays.packets["video"])
        await until(lambda: len(stays.packets["video"]) > count + 10)


async def test_a_viewer_is_told_where_picture_and_sound_stand() -> None:
    async with (
        engine() as to,
        published(to, "seat-1", "audio", "video"),
        watched(to, "seat-1", "wang", "audio", "video") as viewer,
    ):
        await until(lambda: all(viewer.reports.values()))
        newest = viewer.packets["video"][-1].timestamp
        told = viewer.reports["video"][-1][1]
        assert abs(((told - newest + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)) < WAIT_S * 90_000


class Clock(Senses):
    """A clock that stands where it is put."""

    at_ms = 1_700_000_000_000

    def now_ms(self) -> int:
        return self.at_ms


def test_picture_and_sound_keep_together_whatever_the_publishers_clock_and_the_line() -> None:
    clock, skew = Clock(), Skew()
    sound, picture = Stream("audio", clock), Stream("video", clock)
    sound.begin(Track("s", "audio", 1, "opus", 48_000, 111), lambda _: None, skew)
    picture.begin(Track("s", "video", 1, "VP8", 90_000, 96), lambda _: None, skew)
    assert sound.report() is None
    for stream in (sound, picture):
        stream.taken(packet(5, 1_000))
    theirs_ms = clock.at_ms - 3_600_000  # an hour behind
    sound.reported(7, passthrough.ntp(theirs_ms), 48_000)
    clock.at_ms += 400  # the second report was held up on the line
    picture.reported(7, passthrough.ntp(theirs_ms + 100), 90_000 + 9_000)
    clock.at_ms += 1_000
    heard, seen = sound.report(), picture.report()
    assert heard is not None
    assert seen is not None
    assert heard[0] == seen[0] == passthrough.ntp(clock.at_ms)
    # Both began at 0 a second before the first report, so they stand at the same moment of the publisher's.
    assert heard[1] / 48 == pytest.approx(seen[1] / 90)


async def test_a_sink_is_handed_what_came_and_its_fault_stops_no_viewer() -> None:
    sink, broken = Keeping(), Keeping()
    async with engine() as to:
        to.record("seat-1", sink)
        to.record("seat-1", broken)
        async with published(to, "seat-1", "audio", "video"), watched(to, "seat-1", "wang") as viewer:
            await until(lambda: bool(sink.clocks))
            broken.fails = True
            before = len(viewer.packets["video"])
            await until(lambda: len(viewer.packets["video"]) > before + 10)
        await until(lambda: len(sink.said) == 4)
        assert sink.said[:2] == [("began", "audio opus 1"), ("began", "video VP8 1")]
        assert set(sink.said[2:]) == {("ended", "audio opus 1"), ("ended", "video VP8 1")}
        video = [packet for track, packet in sink.packets if track.kind == "video"]
        assert is_seamless([one.sequence for one in video])
        assert video[0].to_bytes()[12:] == video[0].payload
        assert len(broken.said) == 2


async def test_keyframes_are_asked_for_until_one_comes_but_not_for_each_viewer() -> None:
    async with (
        engine() as to,
        published(to, "seat-1"),
        watched(to, "seat-1", "a") as one,
        watched(to, "seat-1", "b") as two,
    ):
        await until(lambda: bool(one.packets["video"]) and bool(two.packets["video"]))
        for _ in range(50):
            to.keyframe("seat-1")
        (stream,) = to.stats().sources[0].streams
        assert 1 <= stream.keyframes_asked < 20
        assert stream.keyframes_come >= 1


async def test_what_is_not_there_or_too_much_is_a_fault_of_its_own() -> None:
    async with engine(Bounds(connections_max=1)) as to:
        with pytest.raises(BadOffer):
            await to.publish("seat-1", "v=0 nonsense")
        assert to.stats().publishers == 0
        with pytest.raises(NotLive):
            async with watched(to, "seat-1", "wang"):
                pass
        async with published(to, "seat-1"):
            with pytest.raises(Full):
                async with published(to, "seat-2"):
                    pass


def test_numbers_go_on_across_publications_and_round_the_end() -> None:
    one = Continuity()
    assert one.place(65_535, 90) == (65_535, 90)
    assert one.place(0, 120) == (0, 120)
    one.begin(30)
    assert one.place(700, 5) == (1, 150)
    assert one.place(699, 5) == (0, 150)
    assert one.place(701, 35) == (2, 180)


def test_a_packet_is_found_until_its_place_is_needed() -> None:
    history = History(4)
    for number in range(5):
        history.add(Kept(number, 0, False, b""))
    assert history.find(0) is None
    assert history.find(4) == Kept(4, 0, False, b"")


@pytest.mark.parametrize(
    ("codec", "payload", "begins"),
    [
        ("VP8", "1000", True),
        ("VP8", "1001", False),
        ("VP8", "0000", False),
        ("VP8", "9080055000", True),
        ("VP8", "9080800500", True),
        ("VP8", "90e08105200001", False),
        ("VP8", "", False),
        ("VP8", "90", False),
        ("H264", "67420000", True),
        ("H264", "65880000", True),
        ("H264", "41880000", False),
        ("H264", "7800026742", True),
        ("H264", "7c8588", True),
        ("H264", "7c0588", False),
    ],
)
def test_a_keyframe_is_known_by_its_first_packet(codec: str, payload: str, begins: bool) -> None:
    assert keyframes.begins(codec, bytes.fromhex(payload)) is begins


def test_a_publisher_is_asked_at_most_every_half_second_and_until_it_answers() -> None:
    asking = keyframes.Asking()
    assert not asking.due(0)
    asking.want()
    assert asking.due(0)
    assert not asking.due(499)
    assert asking.wait_ms(100) == 400
    assert asking.due(500)
    asking.came()
    assert not asking.due(2_000)
