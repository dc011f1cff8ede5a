"""The readers themselves: a trace and a connection, as they are written by others."""

from pathlib import Path

from tests.processes import system_calls
from tests.processes.system_calls import Call
from tests.processes.web_socket import ACK, EVENT, Direction, Packet, packet

CONNECTION = "TCP:[127.0.0.1:1->127.0.0.1:2]"
HEAD = b"GET /socket.io/ HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"


def test_a_call_that_another_line_interrupts_begins_and_ends_where_it_says(tmp_path: Path) -> None:
    lines = [
        r"7 fdatasync(5<\x2f\x61> <unfinished ...>",
        rf'8 sendto(9<{CONNECTION}>, "\x61\x62\x63", 3, 0, NULL, 0) = 2',
        r"7 <... fdatasync resumed>)        = 0",
        rf"8 recvfrom(9<{CONNECTION}>, 0x7f, 100, 0, NULL, NULL) = -1 EAGAIN (Resource unavailable)",
        r'7 pwrite64(5<\x2f\x61>, "\x00\xff", 2, 4096) = 2',
        r'9 <... read resumed>"\x61", 1)     = 1',
        (
            rf"8 sendmsg(9<{CONNECTION}>, {{msg_name=NULL, msg_namelen=0, "
            r'msg_iov=[{iov_base="\x78", iov_len=1}, {iov_base="\x79\x7a", iov_len=2}], msg_iovlen=2, '
            r"msg_controllen=0, msg_flags=0}, 0) = 3"
        ),
        "7 +++ exited with 0 +++",
    ]
    path = tmp_path / "calls.txt"
    path.write_text("\n".join(lines))
    assert system_calls.Tracing(path).calls() == [
        Call(8, "sendto", CONNECTION, b"ab", 2, 1, 1),
        Call(7, "fdatasync", "/a", b"", 0, 0, 2),
        Call(8, "recvfrom", CONNECTION, b"", -1, 3, 3),
        Call(7, "pwrite64", "/a", b"\x00\xff", 2, 4, 4),
        Call(8, "sendmsg", CONNECTION, b"xyz", 3, 6, 6),
    ]


def _frame(payload: bytes, mask: bytes = b"", first: int = 0x81) -> bytes:
    size = len(payload)
    marked = 0x80 if mask else 0
    head = (
        bytes([first, marked | size])
        if size < 126
        else bytes([first, marked | 126]) + size.to_bytes(2, "big")
    )
    body = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if mask else payload
    return head + mask + body


def test_messages_come_out_whole_however_their_bytes_came_in() -> None:
    long = b"x" * 300
    raw = HEAD + b"".join(
        (
            _frame(b"40/desk,", b"\x01\x02\x03\x04"),
            _frame(b"", b"\x01\x02\x03\x04", first=0x89),
            _frame(b"first ", b"\xff\x00\xff\x00", first=0x01),
            _frame(b"second", b"\x10\x20\x30\x40", first=0x80),
            _frame(long, b"\x09\x08\x07\x06"),
        )
    )
    wanted = [b"40/desk,", b"first second", long]
    assert Direction().feed(raw) == wanted
    slowly = Direction()
    assert [one for byte in raw for one in slowly.feed(bytes([byte]))] == wanted
    assert Direction().feed(raw.removeprefix(HEAD)) == wanted


def test_plain_http_holds_no_messages() -> None:
    assert Direction().feed(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n\x81\x01a") == []


def test_events_and_acknowledgements_are_told_from_everything_else() -> None:
    assert packet(b'42/desk,["news",{"a":1}]') == Packet(EVENT, -1, ["news", {"a": 1}])
    assert packet(b'42/desk,7["act"]') == Packet(EVENT, 7, ["act"])
    assert packet(b"43/desk,7[]") == Packet(ACK, 7, [])
    for other in (b"2", b"3", b"40/desk,", b'0{"sid":"a"}', b"42/desk,[", b"42/desk,7{}", b"\x00", b""):
        assert packet(other) is None
