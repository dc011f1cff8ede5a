"""The *kept* receipt: a venue node's word that a command lies fsynced in its journal, and how to check it.

Anybody can check one who has the command and the node's key, which stands in the session's roster; a page
does it too. A receipt proves that this very command was in that journal at that place and time, by the
node's clock; it says nothing of whether it was accepted. Source: DESIGN 1.4, SPEC 3 and 12.3.
"""

from typing import cast

from protocol import canonical, commands, entry
from protocol.seal import signing
from protocol.wire import Kept

_STATED = ("session", "command_id", "command_digest", "journal_index", "at")


def signed_bytes(kept: Kept) -> bytes:
    """What the node signs: the tag `kept/v1` and the canonical statement; `node` and `sig` stand outside."""
    statement = {name: cast("object", getattr(kept, name)) for name in _STATED}
    return canonical.tag("kept/v1") + canonical.encode(statement)


def proves(kept: Kept, command: str, node_key: str) -> bool:
    """Whether a receipt is that node's, and for this command and no other.

    Args:
      kept: as it came, from whomever.
      command: the canonical text that was submitted.
      node_key: the venue's key in the session's roster, tagged with its algorithm.
    """
    raw = command.encode()
    try:
        read = commands.parse(raw)
    except (canonical.NotCanonical, commands.UnknownContent):
        return False
    return (
        (kept.session, kept.command_id) == (read.session, read.command_id)
        and kept.command_digest == canonical.sha256(entry.signed_bytes(read))
        and signing.verify(node_key, signed_bytes(kept), kept.sig)
    )
