"""A state as bytes and back: what a coordinator may keep so that it need not fold all entries again.

A cache of its own reader's, never a record: nothing here is signed, sent or archived, and the form may
change with every release. Whoever keeps such bytes keeps `SCHEMA` with them, and throws both away when
it differs.
"""

from typing import Final

import msgspec

from protocol import canonical
from protocol.session.state import State


class NotASnapshot(ValueError):
    """The bytes are no state of this form; the caller folds the entries instead."""


SCHEMA: Final = canonical.sha256(msgspec.json.encode(msgspec.json.schema(State), order="sorted")).hex()
"""Names the shape of a state, down to every field: SHA-256 over its JSON schema."""

_decoder = msgspec.msgpack.Decoder(State)


def encode(state: State) -> bytes:
    """A state as MessagePack."""
    return msgspec.msgpack.encode(state)


def decode(raw: bytes) -> State:
    """The state that was encoded.

    Raises:
      NotASnapshot: it is none.
    """
    try:
        return _decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise NotASnapshot(str(error)) from error
