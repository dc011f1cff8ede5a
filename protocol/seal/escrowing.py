"""A sheet's opening in escrow: sealed under a key that any t custodians give back together (SPEC 28.8).

The same dealing as a bid's (SPEC 21), with the commitment in the bid's place and the session in the
project's, so that a box of another seat or of an earlier round opens to nobody as this one's, a false share
names its custodian, and a false dealer is found. Nobody here knows when anything may be released.
"""

from collections.abc import Iterable

from msgspec import Struct

from protocol import canonical, hidden, limits
from protocol.hidden import Opening
from protocol.seal import dealing
from protocol.seal.dealing import Bid, Dealing, Group, Share
from protocol.seal.refused import SealRefused
from protocol.seal.suite import OpeningKey, Suite
from protocol.words import Hash


class SheetEscrow(Struct, frozen=True, forbid_unknown_fields=True):
    """Field `sheet_escrow`: `sealed` is the canonical opening under the group's key."""

    commitment: Hash
    dealing: Dealing
    sealed: bytes
    sheet: Bid


def escrow(suite: Suite, opening: Opening, group: Group, key: bytes) -> SheetEscrow:
    """Seal an opening for custodians.

    Args:
      suite: the project's.
      opening: what a seat's commitment hides.
      group: who holds it.
      key: 32 bytes of the venue's entropy, a number from 1 to the order less 1.

    Raises:
      SealRefused: as `dealing.deal`.
    """
    commitment = hidden.commitment(opening)
    sheet = _sheet(suite, opening, commitment)
    dealt = dealing.deal(suite, sheet, group, key)
    raw = canonical.encode(opening)
    return SheetEscrow(commitment, dealt, suite.encrypt(_key(suite, sheet, key), commitment, raw), sheet)


def recovered(suite: Suite, held: SheetEscrow, shares: Iterable[Share]) -> Opening:
    """The opening, from the shares of any threshold of custodians.

    Raises:
      SealRefused: as `dealing.combine`; `DealerFault` where what was sealed is not what was committed to.
    """
    key = dealing.combine(suite, held.sheet, held.dealing, shares)
    raw = suite.decrypt(_key(suite, held.sheet, key), held.commitment, held.sealed)
    try:
        opening = canonical.decode(raw, Opening, limits.DISCLOSURE_BYTES_MAX)
    except canonical.NotCanonical as error:
        raise _fault(held, "no opening") from error
    if hidden.commitment(opening) != held.commitment or _sheet(suite, opening, held.commitment) != held.sheet:
        raise _fault(held, "another opening than the one committed to")
    return opening


def sheet_of(suite: Suite, session: str, lot: str, envelope: str, commitment: bytes) -> Bid:
    """What a seat's opening is named by in its boxes: its commitment, which hides seat and round."""
    return Bid(commitment.hex(), envelope, lot, session, suite.name)


def take(suite: Suite, held: SheetEscrow, custodian: str, key: OpeningKey) -> Share:
    """A custodian's own share of an opening, seen to be what its dealing says.

    Raises:
      SealRefused: `GroupRefused` where the custodian has no box under this key; as `dealing.take`.
    """
    for place, member in enumerate(held.dealing.members, 1):
        if (member.custodian, member.public) == (custodian, key.public):
            return dealing.take(suite, held.sheet, held.dealing, place, key)
    raise SealRefused("GroupRefused", group=held.dealing.group, why="not a member")


def _sheet(suite: Suite, opening: Opening, commitment: bytes) -> Bid:
    return sheet_of(suite, opening.session, opening.stage.lot, opening.stage.envelope, commitment)


def _key(suite: Suite, sheet: Bid, key: bytes) -> bytes:
    salt = suite.hash(canonical.tag("bid/v1") + canonical.encode(sheet))
    return suite.derive(key, salt, canonical.tag("sheet-escrow/v1"), suite.key_bytes)


def _fault(held: SheetEscrow, why: str) -> SealRefused:
    return SealRefused("DealerFault", group=held.dealing.group, custodian="", why=why)
