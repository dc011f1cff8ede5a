"""The forms of what may be asked under rules version 3, group `committee` (SPEC 15)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.content import Content, SeatRef, VenueRef
from protocol.words import Hash, HashOrEmpty, Id, IdOrEmpty, Salt


class PoolLeaf(Struct, frozen=True, forbid_unknown_fields=True):
    """A person of the frozen roll: name and facts are hidden, province and speciality public."""

    facts: Hash
    person: Hash
    province: Id
    speciality: Id


class StratumCount(Struct, frozen=True, forbid_unknown_fields=True):
    """A stratum of the roll: how many may be drawn, how many the filter left out."""

    province: Id
    speciality: Id
    eligible: Annotated[int, Meta(ge=0, le=limits.POOL_PERSONS_MAX)]
    left: Annotated[int, Meta(ge=0, le=limits.POOL_PERSONS_MAX)]


class SeatWanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A seat to be drawn for. `place` is `main`, or `sub-1`, `sub-2` …: which venue that is, is drawn."""

    seat: Id
    place: Id
    speciality: Id


class DrawParty(Struct, frozen=True, forbid_unknown_fields=True):
    """Who gives a share of the randomness: a standing node of genesis, for a province or its supervisors."""

    party: Id
    province: Id
    role: Literal["venue", "supervisor"]


class FreezePool(Content, frozen=True, forbid_unknown_fields=True):
    """冻结专家名册: what is drawn from, and for which seats, before there is any randomness.

    `pool` is the hidden digest of the roll, `root` the root over those eligible, `sieved_by` the hidden
    digest of the parties that the filter kept apart. `venues` are the main venue and all sub-venues
    that may be drawn, of which `subs` are.
    """

    draw: Id
    pool: Hash
    root: Hash
    sieved_by: Hash
    strata: Annotated[tuple[StratumCount, ...], Meta(min_length=1, max_length=limits.STRATA_MAX)]
    venues: Annotated[tuple[VenueRef, ...], Meta(min_length=1, max_length=limits.VENUES_MAX)]
    subs: Annotated[int, Meta(ge=0, le=limits.VENUES_MAX)]
    seats: Annotated[tuple[SeatWanted, ...], Meta(min_length=1, max_length=limits.DRAWN_SEATS_MAX)]
    parties: Annotated[tuple[DrawParty, ...], Meta(min_length=2, max_length=limits.DRAW_PARTIES_MAX)]


class CommitDrawSeed(Content, frozen=True, forbid_unknown_fields=True):
    """提交随机数承诺: a party's commitment to its share."""

    draw: Id
    commitment: Hash


class RevealDrawSeed(Content, frozen=True, forbid_unknown_fields=True):
    """揭示随机数: the share travels as disclosure; it stays hidden until check-in opens."""

    draw: Id
    commitment: Hash


class DrawVenues(Content, frozen=True, forbid_unknown_fields=True):
    """抽取副场: the sub-venues are fixed; which they are stays hidden until check-in opens."""

    draw: Id


class DrawCommittee(Content, frozen=True, forbid_unknown_fields=True):
    """抽取专家: the experts are fixed; who they are stays hidden until check-in opens.

    `hosts` are the main venue's seats that nobody is drawn for, the tenderee's representative among them.
    """

    draw: Id
    hosts: Annotated[tuple[SeatRef, ...], Meta(min_length=1, max_length=limits.SEATS_MAX)]


class OpenedShare(Struct, frozen=True, forbid_unknown_fields=True):
    """A party's randomness and its salt, in the open."""

    party: Id
    random: Hash
    salt: Salt


class DrawnMember(Struct, frozen=True, forbid_unknown_fields=True):
    """Who was drawn for a seat: a leaf of the roll, and its proof under the root."""

    seat: Id
    leaf: PoolLeaf
    proof: Annotated[tuple[Hash, ...], Meta(max_length=limits.POOL_PROOF_MAX)]


class PublishDraw(Content, frozen=True, forbid_unknown_fields=True):
    """公布抽取结果: shares and drawn leaves in the open; `seats` are the sub-venues' own."""

    draw: Id
    shares: Annotated[tuple[OpenedShare, ...], Meta(max_length=limits.DRAW_PARTIES_MAX)]
    members: Annotated[tuple[DrawnMember, ...], Meta(max_length=limits.DRAWN_SEATS_MAX)]
    seats: Annotated[tuple[SeatRef, ...], Meta(max_length=limits.SEATS_MAX)]


class CallReplacement(Content, frozen=True, forbid_unknown_fields=True):
    """补抽: whoever was drawn for a seat does not come; the next of the same order does.

    `drawn` names the next one once the draw is public, and is empty before, when nobody here knows.
    """

    seat: Id
    reason: Literal["refused", "no_show", "unreachable", "ineligible", "recused"]
    drawn: Annotated[tuple[DrawnMember, ...], Meta(max_length=1)]


class DeclareRecusal(Content, frozen=True, forbid_unknown_fields=True):
    """声明回避: a member says that a ground applies; `remark` is a hidden text, or empty."""

    ground: Literal["kin", "interest", "employer", "staff", "penalty", "other"]
    bidder: IdOrEmpty
    remark: HashOrEmpty


class ReplaceMember(Content, frozen=True, forbid_unknown_fields=True):
    """更换成员: a member leaves, what that member concluded is void, `successor` does it again.

    `successor` is a seat id of its own: a reserve seat, a new one that `drawn` is of, or that of another
    representative whom the tenderee has `named`.
    """

    seat: Id
    successor: Id
    reason: Literal["recused", "ill", "absent", "misconduct", "other"]
    drawn: Annotated[tuple[DrawnMember, ...], Meta(max_length=1)]
    named: Annotated[tuple[SeatRef, ...], Meta(max_length=1)]


class ConfirmIdentity(Content, frozen=True, forbid_unknown_fields=True):
    """身份核验: one step of identification of a seat's person was passed.

    `evidence` is the digest of what a device gave, empty for the desk officer's own eyes.
    """

    seat: Id
    step: Literal["desk", "document", "face", "certificate"]
    evidence: HashOrEmpty


class OpenChairBallot(Content, frozen=True, forbid_unknown_fields=True):
    """组长推选开始: open, or secret by commitment and opening."""

    secret: bool


class ElectChair(Content, frozen=True, forbid_unknown_fields=True):
    """推举组长: one member's vote; `candidate` in an open ballot, `commitment` in a secret one."""

    candidate: IdOrEmpty
    commitment: HashOrEmpty


class OpenChairVote(Content, frozen=True, forbid_unknown_fields=True):
    """开启选票: a member opens the vote committed to."""

    candidate: Id
    nonce: Salt


class NameChair(Content, frozen=True, forbid_unknown_fields=True):
    """确定组长: the tenderee names a member (12号令 9)."""

    seat: Id


class RedrawCommittee(Content, frozen=True, forbid_unknown_fields=True):
    """重新抽取评标委员会: whoever follows in the drawn order sits instead of a void committee.

    `seats` are new seats at drawn places, `members` the leaves that follow for them, in the same order;
    `named` are the tenderee's other representatives.
    """

    draw: Id
    seats: Annotated[tuple[SeatWanted, ...], Meta(min_length=1, max_length=limits.DRAWN_SEATS_MAX)]
    members: Annotated[tuple[DrawnMember, ...], Meta(min_length=1, max_length=limits.DRAWN_SEATS_MAX)]
    named: Annotated[tuple[SeatRef, ...], Meta(max_length=limits.SEATS_MAX)]


CONTENTS: tuple[type[Content], ...] = (
    FreezePool, CommitDrawSeed, RevealDrawSeed, DrawVenues, DrawCommittee, PublishDraw, CallReplacement,
    DeclareRecusal, ReplaceMember, ConfirmIdentity, OpenChairBallot, ElectChair, OpenChairVote, NameChair,
    RedrawCommittee,
)  # fmt: skip
