"""Asking one cosigner for its line under one head: `add-checkpoint` as a client.

Owns the request, the resync after a 409, and what each answer means. A 422, or a 409 without a size, says
that the cosigner holds another history, or that it has found a rule broken: it is never asked again for that
log, and people are told which of both. A 403 that names genesis says that the session is not what was agreed.
Source: C2SP tlog-witness; notes of the Go witness, which answers 409 with an empty body there.
"""

from __future__ import annotations

import asyncio
from typing import Final

import aiohttp
from msgspec import Struct

from protocol.ledger import checkpoint, note
from protocol.ledger.cosigner import Request
from protocol.ledger.levels import Levels
from protocol.ledger.note import Key, NoteError, Signature

_TRIES: Final = 3
_ANSWER_BYTES_MAX: Final = 65_536
_BROKEN: Final = "RuleBroken "
"""How the answer of a cosigner begins that has found a rule broken (SPEC 27.4)."""
_OF_GENESIS: Final = ("Province", "OtherInstallation", "PolicyForeign")
"""What a genesis may lack that was agreed before the session."""


class Away(Exception):
    """A cosigner is not there, is busy, or cannot say yes now: ask again later."""


class Inconsistent(Exception):
    """A cosigner holds another history of this log, or more of it than the store does.

    Nobody may go on as if nothing had happened: `held` is the size that it holds, -1 where it did not say.
    """

    def __init__(self, why: str, held: int = -1) -> None:
        super().__init__(why)
        self.held = held


class Unlawful(Exception):
    """A cosigner that replays has found what the rules do not give; never ask it again for this log.

    Its `fault` shows the rule's code and the entry (SPEC 27.4).
    """


class NotAgreed(Exception):
    """A cosigner was told other things before the session than its genesis says; it may be told anew."""


class Party(Struct, frozen=True):
    """A cosigner: its name in the policy, its keys, and where it takes checkpoints."""

    name: str
    keys: tuple[Key, ...]
    url: str


class Asked(Struct, frozen=True):
    """What a cosigner has given: its lines, and the size that it holds now."""

    lines: tuple[Signature, ...]
    size: int


async def cosign(
    http: aiohttp.ClientSession, party: Party, grown: Levels, head: str, old: int, wait_s: float
) -> Asked:
    """Have a head cosigned.

    Args:
      http: the client.
      party: who is asked.
      grown: the tree, at least as large as the head.
      head: the log's signed checkpoint.
      old: the size that the cosigner is thought to hold; 0 where nothing is known.
      wait_s: how long all of it may take.

    Raises:
      Away: ask again later.
      Inconsistent: it holds what does not fit; never ask again.
      Unlawful: it has found a rule broken; never ask again.
      NotAgreed: it does not recognise the session's genesis.
    """
    size = checkpoint.read(note.split(head)[0]).size
    try:
        async with asyncio.timeout(wait_s):
            for _ in range(_TRIES):
                proof = grown.consistency(old, size) if old else ()
                body = Request(old, proof, head).text.encode()
                async with http.post(f"{party.url.rstrip('/')}/add-checkpoint", data=body) as answer:
                    raw = await answer.content.read(_ANSWER_BYTES_MAX)
                    if answer.status == 409:
                        old = _held(raw, size)
                        continue
                    return Asked(_lines(party, head, answer.status, raw), size)
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise Away(f"{type(error).__name__} {error}") from error
    raise Away("it changes under the hand: somebody else submits the same log")


def _held(raw: bytes, size: int) -> int:
    """The size in a 409's body."""
    try:
        held = checkpoint.read_size(raw.decode().removesuffix("\n"))
    except (NoteError, UnicodeError):
        raise Inconsistent("409 without a size: it holds another root") from None
    if held > size:
        raise Inconsistent(f"it holds {held} entries, this head has {size}", held)
    return held


def _lines(party: Party, head: str, status: int, raw: bytes) -> tuple[Signature, ...]:
    told = raw[:200].decode(errors="replace").strip()
    if status == 403 and told.removeprefix(_BROKEN).startswith(_OF_GENESIS):
        raise NotAgreed(told)
    if status == 422 and told.startswith(_BROKEN):
        raise Unlawful(told.removeprefix(_BROKEN))
    if status == 422:
        raise Inconsistent(f"422: {told}")
    if status != 200:
        raise Away(f"{status}: {told}")
    try:
        opened = note.open_note(head + raw.decode(), party.keys)
    except (NoteError, UnicodeError) as error:
        raise Away(f"its answer holds no line of its own: {error}") from error
    return opened.verified
