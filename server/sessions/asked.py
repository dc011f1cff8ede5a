"""A command as it was asked: read, and its signature verified, before any state is looked at.

Owns the way from a socket's text to a command that somebody has really signed. A message that fails
here leaves no trace in the answers: an unverified author's name must not take a command id away from
the author it names.
"""

import asyncio

import msgspec
from msgspec import Struct

from protocol import canonical, commands, entry, limits
from protocol.commands import Command
from protocol.hidden import Disclosure
from protocol.refusals import Refusal, refuse
from protocol.seal import signing
from protocol.session import decide
from protocol.session.state import State
from protocol.wire import Answer, Submit

MOVED: Refusal = refuse("Stopping")
"""This very value, not its likes: the session is another coordinator's by now, ask there instead."""

_SIGNED = canonical.tag(entry.COMMAND_DOMAIN)


class Asked(Struct):
    """A submitted command on its way through a session, and who waits for the answer."""

    submit: Submit
    node: str
    waiting: asyncio.Future[Answer | Refusal]
    asked_s: float

    def answer(self, answer: Answer | Refusal) -> None:
        """Answer, unless nobody waits any more."""
        if not self.waiting.done():
            self.waiting.set_result(answer)


class Signed(Struct, frozen=True):
    """A command that its author has signed; `digest` is the SHA-256 of the bytes that were signed."""

    command: Command
    sig: str
    digest: bytes
    disclosures: tuple[Disclosure, ...]


class Unread(Struct, frozen=True):
    """A message that is no command signed by its author.

    `claims` is what it says it is where it can be read, so that a forged claim can be noted.
    """

    refusal: Refusal
    command_id: str = ""
    claims: Command | None = None
    digest: bytes = b""


class _Name(Struct):
    """As much of a command as an answer needs."""

    command_id: str


def read(submit: Submit, state: State | None) -> Signed | Unread:
    """Read a submitted command and verify its author's signature.

    Refuses `TooLarge`, `Malformed`, a type without a content form (`NotYetAvailable`,
    `UnknownCommand`) and `BadSignature`.
    """
    raw = submit.command.encode()
    if len(raw) > limits.COMMAND_BYTES_MAX:
        refusal = refuse("TooLarge", size=len(raw), limit=limits.COMMAND_BYTES_MAX)
        return Unread(refusal)
    try:
        command = commands.parse(raw)
    except commands.UnknownContent as unknown:
        return Unread(decide.unread(state, unknown.type), _name(raw))
    except canonical.NotCanonical as error:
        return Unread(refuse("Malformed", why=_short(str(error))), _name(raw))
    signed = _SIGNED + raw
    digest = canonical.sha256(signed)
    if not signing.verify(command.author_key, signed, submit.sig):
        return Unread(refuse("BadSignature"), command.command_id, command, digest)
    return Signed(command, submit.sig, digest, submit.disclosures)


def session_of(submit: Submit) -> tuple[str, str]:
    """The session and the type that a submitted command names; empty where it cannot be read."""
    try:
        found = msgspec.json.decode(submit.command, type=_Address)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return "", ""
    return found.session, found.type


def author_of(submit: Submit) -> str:
    """The key that a submitted command names as its author's; empty where it cannot be read."""
    try:
        return msgspec.json.decode(submit.command, type=_Author).author_key
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return ""


class _Address(Struct):
    session: str
    type: str


class _Author(Struct):
    author_key: str


def _name(raw: bytes) -> str:
    try:
        name = msgspec.json.decode(raw, type=_Name).command_id
    except (msgspec.MsgspecError, RecursionError):
        return ""
    return name if len(name) <= limits.ID_CHARS_MAX else ""


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "…"
