"""Contents of the commands of rules version 4, group `milestones` (SPEC 27; DESIGN 8)."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.content import Content
from protocol.words import Count, Hash, Id, Milestone


class DisclosePolicy(Content, frozen=True, forbid_unknown_fields=True):
    """信任策略公布: the policy whose digest stands in genesis, as its file."""

    policy: Annotated[str, Meta(min_length=1, max_length=limits.RECORDED_POLICY_CHARS_MAX)]


class SettleCosignature(Content, frozen=True, forbid_unknown_fields=True):
    """补签: cosigners who owed at a milestone have cosigned this head, which covers it."""

    milestone: Milestone
    size: Count
    root: Hash
    cosigned: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=limits.VENUES_MAX)]


CONTENTS: tuple[type[Content], ...] = (DisclosePolicy, SettleCosignature)
