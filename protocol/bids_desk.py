"""What the agent's page asks its node before an opening: notice, bids, last rehearsal (SPEC 23.3, 23.4).

Owns the forms and how a notice is put for people. Holds no ticket, and no number of bids before the deadline.
"""

import hashlib
from typing import Annotated, Final

from msgspec import Meta, Struct

from protocol.handed_in import HandedBid
from protocol.rehearsal import CheckFault, Rehearsal
from protocol.seal.handing_in import Announced
from protocol.seal.suite import SuiteName
from protocol.wire import Refused
from protocol.words import Hash, Id, KeyText, Millis

BIDS_DESK: Final = "bids_desk"
"""The agent's page to its node (`BidsWanted`), answered by `BidsDesk`."""


class BidsWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """How do notice, bids and rehearsal of a session stand?"""

    session: Id


class HolderShown(Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds a share; `public` is SHA-256 of its key in hexadecimal."""

    custodian: Id
    public: str


class CustodyShown(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of custodians, any `threshold` of whom suffice."""

    group: Id
    members: tuple[HolderShown, ...]
    threshold: Annotated[int, Meta(ge=1)]


class PartShown(Struct, frozen=True, forbid_unknown_fields=True):
    """A lot and envelope; `custody` is the number of its groups among the notice's."""

    lot: Id
    envelope: Id
    policy: Hash
    custody: Annotated[int, Meta(ge=0)]


class TenderShown(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A notice for people; `tickets`: how many digests of tickets it has, which hides how many there are."""

    project: Id
    suite: SuiteName
    version: Annotated[int, Meta(ge=1)]
    key: KeyText
    opens_at: Millis
    deadline: Millis
    bytes_max: Annotated[int, Meta(ge=1)]
    room_bytes: Annotated[int, Meta(ge=1)]
    tickets: Annotated[int, Meta(ge=1)]
    parts: tuple[PartShown, ...]
    custodies: tuple[tuple[CustodyShown, ...], ...]

    @property
    def custodians(self) -> frozenset[str]:
        """Everybody who holds a share of any part, by id."""
        return frozenset(one.custodian for groups in self.custodies for of in groups for one in of.members)


class BidsDesk(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """As it stands at the coordinator's clock `at`; `trouble` is why the coordinator told nothing.

    `received` is null before the deadline; `check` is what stands against the last rehearsal.
    """

    session: Id
    at: Millis
    address: str
    tender: TenderShown | None
    received: tuple[HandedBid, ...] | None
    trouble: Refused | None
    rehearsal: Rehearsal | None
    check: tuple[CheckFault, ...]


def shown(announced: Announced) -> TenderShown:
    """A notice without its tickets, its custodians once for all parts that have the same."""
    notice = announced.notice
    custodies: list[tuple[CustodyShown, ...]] = []
    parts = []
    for part, policy in zip(notice.parts, announced.policies, strict=True):
        groups = tuple(
            CustodyShown(
                one.group,
                tuple(HolderShown(m.custodian, hashlib.sha256(m.public).hexdigest()) for m in one.members),
                one.threshold,
            )
            for one in policy.groups
        )
        if groups not in custodies:
            custodies.append(groups)
        parts.append(PartShown(part.lot, part.envelope, part.policy, custodies.index(groups)))
    return TenderShown(
        project=notice.project, suite=notice.suite, version=notice.version, key=announced.key,
        opens_at=notice.opens_at, deadline=notice.deadline, bytes_max=notice.bytes_max,
        room_bytes=notice.room_bytes, tickets=len(notice.tickets), parts=tuple(parts),
        custodies=tuple(custodies),
    )  # fmt: skip
