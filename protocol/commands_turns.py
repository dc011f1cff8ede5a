"""The forms of what may be asked under rules version 3, group `turns` (SPEC 17).

Texts that people write are hidden values; a form carries their digests. Limits that the plan
lays down are carried where `decide` needs them, and held against the plan by `check`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.content import Content, SeatRef, VenueRef
from protocol.plan.conduct import Ground
from protocol.words import DecimalText, Hash, Id, IdOrEmpty, Millis, Salt, Text

SuspensionReason = Literal["line", "power", "system", "equipment", "people", "disaster", "other"]
VoidReason = Literal["suspended_too_long", "cannot_replace", "unlawful", "misconduct", "other"]
SessionFailure = Literal["too_few_bids", "all_stages_failed", "cannot_continue", "ended", "other"]
StageFailure = Literal["too_few_bids", "all_rejected", "ended"]
IdentityMeans = Literal["face", "document", "desk"]


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """One scored item of one bid."""

    bidder: Id
    criterion: Id


# --- recheck ------------------------------------------------------------------------------------------------


class BeginRecheck(Content, frozen=True, forbid_unknown_fields=True):
    """开始复核: `ground` says what for; each correction names its own."""

    ground: Ground


class FindAbnormal(Content, frozen=True, forbid_unknown_fields=True):
    """认定畸高畸低: a member holds that a seat's points for an item are abnormally high or low."""

    seat: Id
    bidder: Id
    criterion: Id


class CorrectItem(Content, frozen=True, forbid_unknown_fields=True):
    """更正评分: a member corrects items of their own sheet, `seat`'s; `correction` is a hidden digest."""

    seat: Id
    ground: Ground
    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=limits.CORRECTED_ITEMS_MAX)]
    correction: Hash


class EndRecheck(Content, frozen=True, forbid_unknown_fields=True):
    """结束复核."""


class ExplainDeviation(Content, frozen=True, forbid_unknown_fields=True):
    """书面说明: why a member's points for a criterion of a bid (empty: in all) lie far from the others'."""

    bidder: Id
    criterion: IdOrEmpty
    explanation: Hash


# --- more time ----------------------------------------------------------------------------------------------


class AskMoreTime(Content, frozen=True, forbid_unknown_fields=True):
    """认为评标时间不够 (条例 48)."""


class ExtendTime(Content, frozen=True, forbid_unknown_fields=True):
    """延长评标时间: by so much."""

    added_ms: Annotated[int, Meta(ge=limits.ADDED_TIME_MS_MIN, le=limits.ADDED_TIME_MS_MAX)]


# --- suspension, void committee, failure --------------------------------------------------------------------


class Suspend(Content, frozen=True, forbid_unknown_fields=True):
    """中断: everything is sealed; `limit_ms` is how long the plan lets it last in this phase."""

    reason: SuspensionReason
    statement: Hash
    limit_ms: Millis


class ReconfirmSeat(Content, frozen=True, forbid_unknown_fields=True):
    """复核席位: the face and the seat of a member were looked at again during a suspension."""

    seat: Id
    means: IdentityMeans


class Resume(Content, frozen=True, forbid_unknown_fields=True):
    """恢复."""


class VoidCommittee(Content, frozen=True, forbid_unknown_fields=True):
    """评标委员会作废: what it concluded is void and kept."""

    reason: VoidReason
    statement: Hash


class RebuildCommittee(Content, frozen=True, forbid_unknown_fields=True):
    """重新组建评标委员会: in the form of `ImportCommittee`."""

    source: Text
    digest: Hash
    signer: Text
    venues: Annotated[tuple[VenueRef, ...], Meta(min_length=1, max_length=limits.VENUES_MAX)]
    seats: Annotated[tuple[SeatRef, ...], Meta(min_length=1, max_length=limits.SEATS_MAX)]


class FailSession(Content, frozen=True, forbid_unknown_fields=True):
    """终止: the whole evaluation comes to nothing."""

    reason: SessionFailure
    statement: Hash


class FailStage(Content, frozen=True, forbid_unknown_fields=True):
    """流标、废标: a lot comes to nothing, from this envelope on."""

    reason: StageFailure
    statement: Hash


# --- signing ------------------------------------------------------------------------------------------------


class RecordDissent(Content, frozen=True, forbid_unknown_fields=True):
    """书面说明不同意见和理由 (条例 53)."""

    report: Hash
    dissent: Hash


class RefuseToSign(Content, frozen=True, forbid_unknown_fields=True):
    """拒绝签字且不书面说明."""

    report: Hash


class DeemAgreement(Content, frozen=True, forbid_unknown_fields=True):
    """视为同意: `waited_ms` is the plan's time for signing, `statement` the committee's record of it."""

    seat: Id
    waited_ms: Millis
    statement: Hash


# --- envelopes, rates, objections ---------------------------------------------------------------------------


class ConfirmPassing(Content, frozen=True, forbid_unknown_fields=True):
    """确认进入下一信封的投标人."""

    passing: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=limits.BIDS_PER_STAGE_MAX)]


class BeginDrawK(Content, frozen=True, forbid_unknown_fields=True):
    """开始抽取 K 值: among the plan's candidates, in the plan's order."""

    rate: Id
    candidates: Annotated[tuple[DecimalText, ...], Meta(min_length=1, max_length=limits.K_CANDIDATES_MAX)]


class CommitK(Content, frozen=True, forbid_unknown_fields=True):
    """提交 K 值随机数承诺."""

    rate: Id
    commitment: Hash


class RevealK(Content, frozen=True, forbid_unknown_fields=True):
    """揭示 K 值随机数: the last one draws."""

    rate: Id
    random: Salt
    salt: Salt


class RestartDrawK(Content, frozen=True, forbid_unknown_fields=True):
    """重新抽取 K 值: one who committed will not reveal."""

    rate: Id
    statement: Hash


class RaiseObjection(Content, frozen=True, forbid_unknown_fields=True):
    """开标现场异议 (条例 44)."""

    bidder: Id
    objection: Hash


class AnswerObjection(Content, frozen=True, forbid_unknown_fields=True):
    """当场答复: `number` counts a stage's objections from 1."""

    number: Annotated[int, Meta(ge=1, le=limits.OBJECTIONS_MAX)]
    answer: Hash


# --- after the ranking --------------------------------------------------------------------------------------


class DecideTie(Content, frozen=True, forbid_unknown_fields=True):
    """确定并列次序: in which order equal bids stand, best first.

    `of` names the plan's rule by which the tenderee decides, and is empty where the plan has none and equal
    bids would make too many candidates; `statement` says how it was decided.
    """

    of: IdOrEmpty
    order: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=limits.BIDS_PER_STAGE_MAX)]
    statement: Hash


class BeginReevaluation(Content, frozen=True, forbid_unknown_fields=True):
    """重新评审 (87号令 64): the same committee goes back to a report that is written or signed."""

    ground: Ground
    statement: Hash


CONTENTS: tuple[type[Content], ...] = (
    BeginRecheck, FindAbnormal, CorrectItem, EndRecheck, ExplainDeviation, AskMoreTime, ExtendTime,
    Suspend, ReconfirmSeat, Resume, VoidCommittee, RebuildCommittee, FailSession, FailStage,
    RecordDissent, RefuseToSign, DeemAgreement, ConfirmPassing, BeginDrawK, CommitK, RevealK,
    RestartDrawK, RaiseObjection, AnswerObjection, DecideTie, BeginReevaluation,
)  # fmt: skip
