"""How a socket of the crowd introduces itself, by kind of server; a generator of messages and their answers.

Owns what a node's line and a page say first (SPEC 10): a node says hello and asks for its session since its
cursor, a page proves its key and follows. Each yields (event, data) and is sent the acknowledgement; at the
end it tells what it was given: since, how many, and the size that the session was found at.
"""

import base64
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol import canonical, wire
from protocol.seal import signing

Given = tuple[int, int, int]
Greeting = Generator[tuple[str, Any], Any, Given | None]
TRIES_MAX: Final = 500
"""How often a page proves its key to a node whose copy does not show the seat yet."""
NOT_SHOWN_YET: Final = frozenset({"UnknownSession", "UnknownAuthor", "TooBusy"})


class Refused(Exception):
    """The server turned a greeting down."""


def node(told: dict[str, Any], number: int) -> Greeting:
    """A node's line: hello, and the session from the cursor on; `sessions` are dealt out in turn."""
    _ok((yield (wire.HELLO, {"node": told["node"], "node_key": told["node_key"]})))
    sessions = told.get("sessions", ())
    if sessions:
        session = sessions[number % len(sessions)]
        feed = _ok((yield (wire.FEED, {"session": session, "since": told.get("since", 0)})))
        return feed["since"], len(feed["entries"]), feed["size"]
    return None


def page(told: dict[str, Any], number: int) -> Greeting:
    """A page: the key of a seat proved, the session followed; `seats` are dealt out in turn."""
    seats = told.get("seats", ())
    if not seats:
        return None
    session, seat, path = seats[number % len(seats)]
    key = _key(path)
    proved: Any = None
    for _ in range(TRIES_MAX):
        nonce = base64.b64decode(_ok((yield (wire.CHALLENGE, None)))["nonce"])
        statement = {"session": session, "seat": seat, "key": signing.public_text(key), "nonce": nonce}
        sig = signing.sign(key, canonical.tag("prove/v1") + canonical.encode(statement))
        proof = {**statement, "nonce": base64.b64encode(nonce).decode(), "sig": sig}
        proved = yield (wire.PROVE, proof)
        if proved.get("refused", {}).get("code") not in NOT_SHOWN_YET:
            break
    _ok(proved)
    news = _ok((yield (wire.FOLLOW, {"session": session, "since": told.get("since", 0)})))
    return news["since"], len(news["lines"]), news["view"]["as_of"]["size"]


def peer(told: dict[str, Any], number: int) -> Greeting:  # noqa: ARG001 - all kinds share one form
    """A socket at the peer: into the room, unless it is the one that speaks or only reads."""
    if "reads" in told:
        feed = yield ("since", {"session": told["reads"], "since": told["since"]})
        return feed["since"], len(feed["entries"]), feed["size"]
    if told.get("joins", True):
        yield ("join", {})
    return None


KINDS: dict[str, Callable[[dict[str, Any], int], Greeting]] = {"node": node, "page": page, "peer": peer}

_keys: dict[str, Ed25519PrivateKey] = {}


def _key(path: str) -> Ed25519PrivateKey:
    if path not in _keys:
        found = serialization.load_pem_private_key(Path(path).read_bytes(), password=None)
        assert isinstance(found, Ed25519PrivateKey)
        _keys[path] = found
    return _keys[path]


def _ok(answer: Any) -> Any:
    if isinstance(answer, dict) and answer.get("refused"):
        raise Refused(answer["refused"]["code"])
    return answer
