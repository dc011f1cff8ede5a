"""Events of rules version 4, group `milestones` (SPEC 27; DESIGN 8)."""

from msgspec import Struct

from protocol.words import Count, Hash, Id, IdOrEmpty, Milestone


class PolicyDisclosed(Struct, frozen=True, forbid_unknown_fields=True, tag="PolicyDisclosed.1"):
    """The trust policy by which milestones are judged from now on."""

    policy: str


class CosignatureSettled(Struct, frozen=True, forbid_unknown_fields=True, tag="CosignatureSettled.1"):
    """Cosigners who owed at a milestone have cosigned a head that covers it."""

    milestone: Milestone
    lot: IdOrEmpty
    envelope: IdOrEmpty
    size: Count
    root: Hash
    cosigned: tuple[Id, ...]


MilestoneEvent = PolicyDisclosed | CosignatureSettled
