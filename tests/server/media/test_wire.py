"""What a viewer's line says and is asked, as bytes: the same as aiortc and aioice make of it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from aioice import stun
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
)

from server.media import consent, rtcp, wire
from server.media.consent import Consent
from server.media.leg import Leg
from server.media.wire import Wire

MINE, THEIRS = ("here", "password-of-here"), ("there", "password-of-there")
ADDRESS = ("192.0.2.7", 50_000)


class Hearing:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []

    def received(self, highest: int, lost: int) -> None:
        self.said.append(("received", (highest, lost)))

    def missed(self, sequences: list[int]) -> None:
        self.said.append(("missed", sequences))

    def broke(self) -> None:
        self.said.append(("broke", None))

    def told(self, bits_per_s: int) -> None:
        self.said.append(("told", bits_per_s))


def block(ssrc: int, lost: int = 0) -> RtcpReceiverInfo:
    return RtcpReceiverInfo(
        ssrc=ssrc, fraction_lost=9, packets_lost=lost, highest_sequence=70_000, jitter=1, lsr=2, dlsr=3
    )


def test_each_stream_hears_what_is_said_of_it_and_nothing_else() -> None:
    nack = bytes.fromhex("81cd0004 00000001 00000007 fffa0101 005a0000")
    info = RtcpSenderInfo(ntp_timestamp=1, rtp_timestamp=2, packet_count=3, octet_count=4)
    whole = b"".join(
        bytes(one)
        for one in (
            RtcpRrPacket(ssrc=1, reports=[block(5), block(7, -2), block(8, 300)]),
            RtcpSrPacket(ssrc=1, sender_info=info, reports=[block(8, 4)]),
            nack,
            RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=8),
            RtcpPsfbPacket(fmt=RTCP_PSFB_FIR, ssrc=1, media_ssrc=0, fci=bytes.fromhex("0000000701000000")),
            RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=pack_remb_fci(640_000, [8, 9])),
        )
    )
    ears = {7: Hearing(), 8: Hearing()}
    rtcp.hear(whole, ears)
    assert ears[7].said == [
        ("received", (70_000, -2)), ("missed", [65_530, 65_531, 3, 90]), ("broke", None),
    ]  # fmt: skip
    assert ears[8].said == [
        ("received", (70_000, 300)), ("received", (70_000, 4)), ("broke", None), ("told", 640_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "more",
    [
        b"\x81",
        b"\x41\xc9\x00\x01\x00\x00\x00\x01",
        b"\x81\xc9\x00\x01\x00\x00\x00\x01",
        b"\x80\xc9\x00\x09\x00\x00\x00\x01",
        b"\x81\xcd\x00\x01\x00\x00\x00\x01",
        b"\xa0\xc9\x00\x01\x00\x00\x00\x00",
        b"\xa0\xc9\x00\x01\x00\x00\x00\x07",
        b"\x81\xc8\x00\x06" + bytes(24),
    ],
)
def test_of_a_packet_that_is_out_of_form_nothing_is_heard(more: bytes) -> None:
    ear = Hearing()
    with pytest.raises(ValueError, match=r"head|cut off|shorter"):
        rtcp.hear(bytes(RtcpRrPacket(ssrc=1, reports=[block(7)])) + more, {7: ear})
    assert ear.said == []


def test_an_estimate_that_is_cut_off_says_nothing() -> None:
    ear = Hearing()
    fci = pack_remb_fci(640_000, [7])[:8]
    rtcp.hear(bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=fci)), {7: ear})
    assert ear.said == []


def test_a_report_and_a_name_are_those_of_aiortc() -> None:
    raw = rtcp.sender_report(7, 1 << 63, 5, 6, (1 << 32) + 9) + wire.named(7, "one name")
    report, name = RtcpPacket.parse(raw)
    assert isinstance(report, RtcpSrPacket)
    assert report.sender_info == RtcpSenderInfo(
        ntp_timestamp=1 << 63, rtp_timestamp=5, packet_count=6, octet_count=9
    )
    assert name.chunks[0].items == [(1, b"one name")]  # type: ignore[union-attr]


def knowing(*, is_controlling: bool = False) -> Consent:
    return Consent(MINE, THEIRS, 1_862_270_975, 77, is_controlling=is_controlling)


def question(more: dict[str, Any] | None = None, *, key: str = MINE[1], name: str = "here:there") -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, b"t" * 12)
    message.attributes.update({"USERNAME": name, "PRIORITY": 5, "ICE-CONTROLLING": 9, **(more or {})})
    message.add_message_integrity(key.encode())
    return bytes(message)


def test_a_question_is_answered_as_aioice_would() -> None:
    wanted = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, b"t" * 12)
    wanted.attributes["XOR-MAPPED-ADDRESS"] = ADDRESS
    wanted.add_message_integrity(MINE[1].encode())
    assert knowing().answer(question(), ADDRESS) == bytes(wanted)
    assert knowing().answer(question({"USE-CANDIDATE": None}), ADDRESS) == bytes(wanted)


@pytest.mark.parametrize(
    "told",
    [
        question(key="another"),
        question(name="here:elsewhere"),
        question({"ICE-CONTROLLED": 1}),
        question()[:-1],
        question()[:19],
        question()[:20],
        bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST, b"t" * 12)),
        question()[:4] + bytes(4) + question()[8:],
    ],
)
def test_a_question_that_is_not_plainly_theirs_is_left_to_aioice(told: bytes) -> None:
    assert knowing().answer(told, ADDRESS) is None


def test_whoever_came_by_another_protocol_or_has_the_same_role_is_left_to_aioice() -> None:
    assert knowing().answer(question(), ("2001:db8::1", 5)) is None
    assert knowing(is_controlling=True).answer(question(), ADDRESS) is None


def test_what_is_asked_is_what_aioice_reads_and_six_times_silence_is_the_end() -> None:
    one = knowing()
    assert one.ask(0, bytes) is None
    raw = one.ask(consent.ASK_MS, lambda size: b"r" * size)
    assert raw is not None
    message = stun.parse_message(raw)
    assert message.check_message_integrity(THEIRS[1].encode())
    assert message.attributes["USERNAME"] == "there:here"
    assert message.attributes["ICE-CONTROLLED"] == 77
    answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, b"r" * 12)
    answer.attributes["XOR-MAPPED-ADDRESS"] = ADDRESS
    answer.add_message_integrity(b"a stranger's")
    assert not one.answered(bytes(answer))
    answer.add_message_integrity(THEIRS[1].encode())
    assert one.answered(bytes(answer))
    assert not one.answered(bytes(answer))
    now_ms, asked = consent.ASK_MS, 0
    while not one.is_over:
        now_ms += 100
        asked += one.ask(now_ms, lambda size: b"s" * size) is not None
    assert asked == consent.MISSED_MAX + 1
    assert 25_000 < now_ms < 45_000


def test_nothing_is_sent_on_a_wire_before_it_is_open() -> None:
    line = Wire()
    assert not line.rtp(96, 1, 2, 3, b"payload")
    assert not line.rtcp(b"report")
    line.attend(0, bytes)


class Said:
    """A wire that keeps what is said of a stream."""

    def __init__(self) -> None:
        self.kinds: list[int] = []

    def rtp(self, *_: Any) -> bool:
        return True

    def rtcp(self, data: bytes) -> bool:
        self.kinds.append(data[1])
        return True


def test_a_stream_that_stands_nowhere_yet_is_heard_to_live_and_then_told_of_at_once() -> None:
    stands: list[tuple[int, int]] = []
    said, sender = Said(), SimpleNamespace(_ssrc=7)
    leg = Leg(
        cast("Any", sender), cast("Any", said), first_sequence=1, find=lambda _: None,
        report=lambda: stands[-1] if stands else None, on_ready=lambda _: None, on_loss=lambda: None,
        retransmits_max=lambda: True,
    )  # fmt: skip
    for now_ms in range(0, 2_000, 150):
        leg.report(now_ms)
    assert said.kinds == [rtcp.RECEIVER_REPORT, rtcp.RECEIVER_REPORT]
    leg.begin(1)
    stands.append((1, 2))
    leg.report(2_050)
    leg.report(2_100)
    assert said.kinds[2:] == [rtcp.SENDER_REPORT]
