"""What a node does of itself: an act signed by the node's own key, kept and sent like any other.

Owns the form of such an act: its number, its name, the node's signature, its place in the journal. What is
done, and when, is the rooms' that ask. Source: SPEC 4, DESIGN 1.4.
"""

import structlog
from msgspec import Struct

from protocol import canonical, entry
from protocol.commands import Command, Content
from protocol.hidden import Disclosure
from protocol.session.state import head
from protocol.words import Stage
from sub_venue.journal.copies import Copies
from sub_venue.journal.disk import Disk, NotDurable
from sub_venue.journal.journal import Act, Journal
from sub_venue.keys import NodeKey, SeatKeys
from sub_venue.senses import Senses
from sub_venue.uplink.uplink import Uplink

_log = structlog.get_logger("sub_venue.seats")


class Rooms(Struct, frozen=True):
    """What a node needs to act of itself."""

    node: str
    node_key: NodeKey
    keys: SeatKeys
    disk: Disk
    journal: Journal
    copies: Copies
    uplink: Uplink
    senses: Senses


class Wanted(Struct, frozen=True):
    """An act that is asked of this node, for a seat or for itself.

    `commitment` names the opening that it is about; `sealed` is one that is kept along with it, and with
    `opening_of` one kept before is joined to it when it goes up the line. `disclosures` go along, and lie in
    the journal in clear: boxes, and what everybody may read.
    """

    stage: Stage
    seat: str
    content: Content
    commitment: bytes = b""
    sealed: bytes = b""
    opening_of: bytes = b""
    disclosures: tuple[Disclosure, ...] = ()


async def keep(by: Rooms, session: str, wanted: Wanted) -> None:
    """Sign an act as this node, keep it, and have it sent; one that the disk does not take is told of."""
    state = by.copies.state(session)
    assert state is not None
    key = by.node_key.text
    number = max(state.author_seqs.get(key, 0), by.journal.highest(session, key)) + 1
    type_ = type(wanted.content).__name__
    name = by.senses.salt("node-act", session, by.node, type_, wanted.seat, str(number)).hex()
    command = Command(
        session=session, type=type_, command_id=f"node-{name[:40]}", author_key=key,
        author_at=by.senses.now_ms(), author_seq=number, seen=head(state), stage=wanted.stage,
        content=wanted.content,
    )  # fmt: skip
    signed = entry.signed_bytes(command)
    act = Act(
        index=0, at=command.author_at, session=session, seat=wanted.seat, type=type_,
        command_id=command.command_id, author_key=key, author_seq=number,
        digest=canonical.sha256(signed), command=canonical.encode(command).decode(),
        sig=by.node_key.sign(signed), disclosures=wanted.disclosures, commitment=wanted.commitment,
        sealed=wanted.sealed, opening_of=wanted.opening_of,
    )  # fmt: skip
    try:
        kept = await by.journal.keep(act)
    except NotDurable as error:
        _log.error("own act not kept", session=session, type=type_, seat=wanted.seat, error=str(error))
        return
    _log.info("own act kept", session=session, type=type_, seat=wanted.seat, index=kept.index)
    by.uplink.wake(kept.author)
