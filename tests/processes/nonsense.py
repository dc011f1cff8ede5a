"""Nonsense: messages, events and frames that no peer of ours would send, for either door.

Owns what is sent; what becomes of it is the tests' to say. In frames `{0}` stands for the door's namespace.
"""

from typing import Any

from protocol import limits
from tests.processes.siege import VENUE, Side

MALFORMED: dict[Side, tuple[tuple[str, Any], ...]] = {
    "desk": (
        ("act", 7), ("act", {}), ("act", "not json"), ("act", None), ("act", [1, 2]),
        ("act", {"command": 7, "sig": "ed25519:AAAA"}), ("act", {"command": "{}", "sig": "nonsense"}),
        ("act", {"command": "{}", "sig": "ed25519:AAAA", "more": 1}), ("follow", {"session": "siege"}),
        ("act", {"command": "x" * (limits.COMMAND_BYTES_MAX + 1), "sig": "ed25519:AAAA"}),
        ("follow", {"session": "siege", "since": -1}), ("follow", {"session": "no such!", "since": 0}),
        ("prove", {"session": "siege", "seat": "M3"}), ("sign_in", {"session": "siege", "seat": "M3"}),
        ("draft_put", {"session": "siege", "seat": "M3", "stage": {}, "revision": 1, "scores": {}}),
        ("prepare", {"session": "siege", "type": "x" * 65, "stage": {"lot": "", "envelope": "", "round": 0}}),
        ("issue_codes", {"session": "siege", "seats": [], "key": "a", "at": 1, "sig": "a"}),
    ),
    "door": (
        ("submit", 7), ("submit", {}), ("submit", "not json"), ("submit", None), ("submit", [1, 2]),
        ("submit", {"command": 7, "sig": "ed25519:AAAA"}), ("submit", {"command": "{}", "sig": "nonsense"}),
        ("submit", {"command": "{}", "sig": "ed25519:AAAA", "more": 1}), ("feed", {"session": "siege"}),
        ("submit", {"command": "{}", "sig": "ed25519:AAAA"}), ("hello", {"node": VENUE}),
        ("feed", {"session": "siege", "since": -1}), ("feed", {"session": "siege", "since": True}),
        ("feed", {"session": "no such!", "since": 0}), ("sign_in", {"session": "siege", "seat": "M3"}),
        ("issue_codes", {"session": "siege", "seats": [], "key": "a", "at": 1, "sig": "a"}),
    ),
}  # fmt: skip

RESERVED = ("connect", "disconnect", "connect_error", "message", "*")
"""Events that Socket.IO raises itself, and the name of its catch-all."""

UNKNOWN = ("dance", "x" * 1_000, "entries", "news", "answer", "__disconnect_final", "动作", "")
"""Events that nobody has asked for."""

FRAMES: tuple[str | bytes, ...] = (
    "", "z", "4", "49", "47{}", "4x", "2", "5", "6", "{}", "null", "42", "42{0}", "42{0},", "42{0},7",
    "42{0},7{}", "42{0},7[]", "42{0},7[1,2]", '42{0},7["act"', "42{0},7[[[[",
    '42{0},7["act",1e999]', '42{0},7["act",NaN]',
    '42{0},7["act","\\ud800"]', '42{0},7{"act":1}', "42{0},7" + "[" * 100_000, "40{0},", '40{0},{"a":1}',
    "40/other,", "41/other,", "43{0},", "43{0},5", "43{0},5{}", '451-{0},["x",{"_placeholder":true,"num":0}]',
    '4299999999-{0},["x"]', '42["act",{}]', '42/other,1["act",{}]', "44{0},{}",
    "42{0}," + "9" * 200 + '["act"]',
    "\x00", "\ufeff42", b"", b"\x00\x01\x02", b"4", b"42/desk,1[]", bytes(range(256)) * 64,
)  # fmt: skip
"""Frames outside the protocol, and some just beside it."""

JUNK = (b"\x00" * 4_096, b"\x16\x03\x01\xff\xff" * 100, b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 999)
"""Bytes that are no connection of any kind."""
