"""What may leave the house with a support bundle: configuration and log lines without anything secret.

Owns the allow-lists. A setting is left out unless it is named here as harmless; of a log line stay its time,
level, room, sentence and the ids that DESIGN lets a log name; whatever looks like a key, a code, a name or a
quoted value is taken out of what stays. So a secret that nobody thought of is left out, and a harmless word
now and then with it. Must not know files or archives.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

WITHHELD: Final = "[withheld]"
SETTINGS: Final = frozenset({
    "name", "node", "zh", "en", "province", "role", "data_dir", "node_host", "node_port", "http_host",
    "http_port", "http_name", "http_cert", "coordinator_url", "coordinator_name", "peer_address", "peer_name",
    "ca", "cert",
    "log_level", "bounds", "nodes", "v", "ports_from", "places", "shape", "coordinators",
})  # fmt: skip
"""Settings that tell how the house is built and no more; keys, codes, seeds and URLs are none of them."""
ADDRESSES: Final = frozenset({"database", "redis"})
"""Settings that are URLs: of them only scheme, host, port and path stay."""
LOG_FIELDS: Final = frozenset({
    "at", "level", "logger", "event", "node", "sid", "seq", "since", "index", "epoch", "type", "code", "size",
    "kept", "jobs", "sessions", "pending", "entries", "bytes", "offset", "file", "former", "task", "message",
    "reason", "event_name", "node_port", "http_port", "seat", "session", "holder", "path",
})  # fmt: skip
LINE_CHARS_MAX: Final = 400
FRAMES_MAX: Final = 12
NICKNAME_CHARS: Final = 6

_SHAPES: Final = tuple(
    re.compile(one)
    for one in (
        # After such a word nothing of the line stays.
        r"(?i)\b(?:password|passwd|pwd|secret|token|code|seed|nonce|cookie|key|authorization|bearer)s?\b.*",
        r"(?i)\b[a-z][a-z0-9+.-]*://\S*",  # an address, with whoever is named in it
        r"'[^']*'|\"[^\"]*\"|`[^`]*`",  # whatever a message quotes
        r"[(\[{<][^)\]}>]*[)\]}>]",  # values in brackets
        r"[^\x20-\x7e]+",  # no sentence of ours in a log has other letters; names have
    )
)
_TOKEN = re.compile(r"[A-Za-z0-9+/_=:.-]{6,}")
_PLAIN_TOKEN = re.compile(
    r"[a-z_/.:-]+|[A-Z]?[a-z-]+[.:]?|(?:[A-Z][a-z]+)+[.:]?|[A-Z]{1,10}:?"
    r"|\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d(?:\.\d+)?"
)
"""Words, names of types, levels, dates and times; anything else of this length may be a key or a code."""
_LOWER = re.compile(r"[a-z_][a-z_ ./-]{0,47}")
_NAMED = re.compile(r"(?:[A-Z][a-z]+){1,5}")
_TOLD_APART = ("session", "seat", "sid", "holder", "node")
"""Ids: each becomes a nickname, the same throughout one bundle, unless the house itself is called so."""


def setting(name: str, value: Any) -> Any:
    """A setting as it may leave: itself, its address without its credentials, or that it is set.

    >>> setting("database", "postgresql://me:secret@db.example:5432/t?sslkey=x")
    'postgresql://[withheld]@db.example:5432/t'
    >>> setting("seed", "7"), setting("seed", None), setting("http_port", 7710)
    ('[withheld]', None, 7710)
    """
    if value is None or isinstance(value, bool):
        return value
    if name in ADDRESSES:
        return _address(str(value)) if value else value
    if name not in SETTINGS:
        return WITHHELD
    return _within(name, value)


def configuration(value: dict[str, Any]) -> dict[str, Any]:
    """A whole configuration file, setting by setting."""
    return {name: setting(name, one) for name, one in value.items()}


def _within(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return value if name == "bounds" else configuration(value)
    if isinstance(value, list):
        return [_within(name, one) for one in value]
    return value


def _address(text: str) -> str:
    try:
        parts: SplitResult = urlsplit(text)
        port = parts.port
    except ValueError:
        return WITHHELD
    who = f"{WITHHELD}@" if "@" in parts.netloc else ""
    where = (parts.hostname or "") + (f":{port}" if port else "")
    return f"{parts.scheme}://{who}{where}{parts.path}"


class Reader:
    """Reads the logs of one house for one bundle: an id gets the same nickname throughout."""

    def __init__(self, salt: bytes, known: frozenset[str] = frozenset()) -> None:
        """Nicknames depend on `salt`; `known` are the names of the house's own nodes and processes."""
        self._salt = salt
        self._known = known

    def line(self, line: str) -> str:
        """A line of a log as it may leave.

        >>> reader = Reader(b"", frozenset({"hefei"}))
        >>> reader.line('{"event": "redis is away", "level": "warning", "error": "redis://:hunter2@h"}')
        '{"event": "redis is away", "level": "warning"}'
        >>> reader.line('{"event": "line up", "node": "hefei", "code": "K7QM3-XWDPA"}')
        '{"event": "line up", "node": "hefei", "code": "[withheld]"}'
        >>> reader.line("FATAL:  no entry for user 'lin', password=x")
        'FATAL:  no entry for user [withheld], [withheld]'
        """
        try:
            told = json.loads(line)
        except ValueError:
            return scrub(line)
        if not isinstance(told, dict):
            return WITHHELD
        kept = {name: self._field(name, value) for name, value in told.items() if name in LOG_FIELDS}
        if "exception" in told:
            kept["exception"] = list(_frames(told["exception"]))
        return json.dumps(kept, ensure_ascii=False)

    def _field(self, name: str, value: Any) -> Any:
        if isinstance(value, int) or value is None:
            return value
        if not isinstance(value, str):
            return WITHHELD
        if name == "event":
            return scrub(value)
        if name in _TOLD_APART:
            return value if value in self._known else self._nickname(value)
        shape = _NAMED if name in ("code", "type") else _LOWER
        return value if shape.fullmatch(value) else WITHHELD

    def _nickname(self, value: str) -> str:
        return f"~{hashlib.sha256(self._salt + value.encode()).hexdigest()[:NICKNAME_CHARS]}"


def scrub(text: str) -> str:
    """A sentence without what looks like a key, a code, an address, a name or a quoted value."""
    for shape in _SHAPES:
        text = shape.sub(WITHHELD, text)
    words = (
        one if one == WITHHELD else _TOKEN.sub(lambda found: _token(found[0]), one)
        for one in re.split(r"(\[withheld\])", text)
    )
    return "".join(words)[:LINE_CHARS_MAX]


def _token(text: str) -> str:
    return text if _PLAIN_TOKEN.fullmatch(text) else WITHHELD


def _frames(told: Any) -> Iterator[str]:
    """Of a traceback: which faults, and where; neither their words nor any value."""
    for one in told if isinstance(told, list) else []:
        frames = one.get("frames", []) if isinstance(one, dict) else []
        places = (f"{frame.get('filename')}:{frame.get('lineno')} {frame.get('name')}" for frame in frames)
        named = _NAMED.fullmatch(str(one.get("exc_type"))) if isinstance(one, dict) else None
        yield " < ".join((named[0] if named else WITHHELD, *reversed([*places][-FRAMES_MAX:])))
