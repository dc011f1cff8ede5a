"""The forms of what may be asked under rules version 3, group `review` (SPEC 16)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.content import Content
from protocol.plan.review import LimitMs, Part, Reviewer
from protocol.words import Count, Hash, HashOrEmpty, Id, IdOrEmpty, Salt

Verdict = Literal["pass", "minor", "material"]
"""通过, 细微偏差, 重大偏差."""
Purpose = Literal["unclear", "inconsistent", "slip", "low_price"]
"""Why a bidder is asked: 含义不明确, 前后不一致, 明显文字和计算错误 (条例 52), 报价过低 (12号令 21)."""
Choice = Literal["yes", "no", "abstain"]
Closed = Literal["answered", "refused", "overdue"]


class ItemRef(Struct, frozen=True, forbid_unknown_fields=True):
    """An item of the review, as rules need it; its words stand in the plan."""

    item: Id
    part: Part
    by: Reviewer
    ground: Id


class PublishItems(Content, frozen=True, forbid_unknown_fields=True):
    """公布评审项目: the plan's items and limits for this stage, so that rules can count on them."""

    items: Annotated[tuple[ItemRef, ...], Meta(max_length=limits.REVIEW_ITEMS_MAX)]
    answer_ms: LimitMs
    vote_ms: LimitMs
    blind: bool


class Mark(Struct, frozen=True, forbid_unknown_fields=True):
    """What a seat finds on one item; `reason` is a hidden text, empty where the item is met."""

    item: Id
    mark: Verdict
    reason: HashOrEmpty


class MarkItem(Content, frozen=True, forbid_unknown_fields=True):
    """初步评审记录: one seat's marks on one bid, each item once."""

    bidder: Id
    marks: Annotated[tuple[Mark, ...], Meta(min_length=1, max_length=limits.REVIEW_ITEMS_MAX)]


class CheckBlindPart(Content, frozen=True, forbid_unknown_fields=True):
    """暗标检查: whether a bid's blind part names its bidder; `findings` is hidden, empty where it passes."""

    bidder: Id
    result: Literal["pass", "fail"]
    findings: HashOrEmpty


class AskClarification(Content, frozen=True, forbid_unknown_fields=True):
    """要求澄清: the committee asks one bidder in writing (条例 52)."""

    bidder: Id
    purpose: Purpose
    question: Hash


class AnswerClarification(Content, frozen=True, forbid_unknown_fields=True):
    """澄清答复: once, to what was asked; `refused` where the bidder will not."""

    number: Count
    answer: HashOrEmpty
    refused: bool


class CloseClarification(Content, frozen=True, forbid_unknown_fields=True):
    """结束澄清."""

    number: Count
    result: Closed


class ProposeCorrection(Content, frozen=True, forbid_unknown_fields=True):
    """提出算术修正: what a price schedule comes to; binds only once the bidder confirms it in writing."""

    bidder: Id
    correction: Hash


class ProposeRejection(Content, frozen=True, forbid_unknown_fields=True):
    """提议否决投标: opens the vote on one bid and one ground."""

    bidder: Id
    ground: Id
    reason: Hash


class VoteCompetition(Content, frozen=True, forbid_unknown_fields=True):
    """提议以缺乏竞争为由否决全部投标 (12号令 27): opens that vote."""

    reason: Hash


class CastVote(Content, frozen=True, forbid_unknown_fields=True):
    """表决: on one bid and ground; an empty bidder with the ground 27 is the vote on competition."""

    bidder: IdOrEmpty
    ground: Id
    choice: Choice
    reason: HashOrEmpty


class CloseVote(Content, frozen=True, forbid_unknown_fields=True):
    """结束表决."""

    bidder: IdOrEmpty
    ground: Id


class CastSecretVote(Content, frozen=True, forbid_unknown_fields=True):
    """秘密表决: a vote by its commitment, where the plan has votes secret; opened by `OpenVote`."""

    bidder: IdOrEmpty
    ground: Id
    commitment: Hash


class OpenVote(Content, frozen=True, forbid_unknown_fields=True):
    """开启选票: a member opens the vote committed to, when all have committed."""

    bidder: IdOrEmpty
    ground: Id
    choice: Choice
    reason: HashOrEmpty
    nonce: Salt


class NoteSameBrand(Content, frozen=True, forbid_unknown_fields=True):
    """认定同品牌 (87号令 31): the core product of these bids is of one brand; they count as one."""

    bidders: Annotated[tuple[Id, ...], Meta(min_length=2, max_length=limits.BIDS_PER_STAGE_MAX)]
    statement: Hash


class ConfirmDeduction(Content, frozen=True, forbid_unknown_fields=True):
    """确认小微企业份额 (财库〔2020〕46号): a hidden value says which share of the contract they carry."""

    bidder: Id
    deduction: Hash


class ConcludePreliminary(Content, frozen=True, forbid_unknown_fields=True):
    """结束初步评审: what is left goes on to detailed review."""


CONTENTS: tuple[type[Content], ...] = (
    PublishItems, MarkItem, CheckBlindPart, AskClarification, AnswerClarification, CloseClarification,
    ProposeCorrection, ProposeRejection, VoteCompetition, CastVote, CloseVote, ConcludePreliminary,
    CastSecretVote, OpenVote, NoteSameBrand, ConfirmDeduction,
)  # fmt: skip
