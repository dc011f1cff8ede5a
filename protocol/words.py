"""The field's nouns: one name per thing, with its Chinese and English (DOMAIN: glossary).

Owns identifiers' form, the closed vocabularies that commands, events and views share, and
the words a page shows. Must not know any rule. Sources: 招标投标法, 招标投标法实施条例,
评标委员会和评标方法暂行规定 (12号令), 财政部令第87号, 发改法规〔2022〕355号.
"""

import functools
import re
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from protocol import limits

_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)"
_KEY: Final = r"^[a-z0-9-]{2,32}:[A-Za-z0-9+/]+={0,2}$(?!\n)"
_KEY_CHARS_MAX: Final = 1024

Id = Annotated[str, Meta(pattern=_ID, min_length=1, max_length=limits.ID_CHARS_MAX)]
"""An identifier: ASCII letters, digits, dot, underscore, hyphen; 1 to 64 characters."""

IdOrEmpty = Annotated[
    str, Meta(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]*)?$(?!\n)", max_length=limits.ID_CHARS_MAX)
]
Text = Annotated[str, Meta(max_length=limits.TEXT_CHARS_MAX)]
Millis = Annotated[int, Meta(ge=0, le=limits.INTEGER_MAX)]
"""Milliseconds since 1970-01-01 UTC, or a length of time in milliseconds."""
Count = Annotated[int, Meta(ge=0, le=limits.INTEGER_MAX)]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""A SHA-256 value."""
HashOrEmpty = Annotated[bytes, Meta(max_length=32)]
"""A SHA-256 value, or no bytes at all where there is nothing; a rule refuses every other length."""
Salt = Annotated[bytes, Meta(min_length=limits.SALT_BYTES, max_length=limits.SALT_BYTES)]
KeyText = Annotated[str, Meta(pattern=_KEY, max_length=_KEY_CHARS_MAX)]
"""A public key or a signature with its algorithm in front: `ed25519:<base64>`."""
DecimalText = Annotated[str, Meta(pattern=r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,9})?$(?!\n)", max_length=29)]
"""An exact decimal number written out, no exponent."""

_IDS_KEPT: Final = 4096
_id: Final = re.compile(_ID)
_key: Final = re.compile(_KEY)


class OutOfForm(ValueError):
    """A text is not of the form that its place has."""


@functools.lru_cache(_IDS_KEPT)
def an_id(text: str) -> str:
    """The text, once it is an `Id`; kept, because a session and who speaks in it come back in every act.

    Raises:
      OutOfForm: it is none.
    """
    if len(text) > limits.ID_CHARS_MAX or _id.search(text) is None:
        raise OutOfForm(f"{text[:80]!r} is no identifier")
    return text


@functools.lru_cache(_IDS_KEPT)
def a_key(text: str) -> str:
    """The text of a key, once it is a `KeyText`; kept likewise.

    Raises:
      OutOfForm: it is none.
    """
    return a_signature(text)


def a_signature(text: str) -> str:
    """The same of a signature, which comes but once.

    Raises:
      OutOfForm: it is no `KeyText`.
    """
    if len(text) > _KEY_CHARS_MAX or _key.search(text) is None:
        raise OutOfForm(f"{text[:80]!r} is neither a key nor a signature")
    return text


Regime = Literal["TENDER", "GOV_PROC"]
"""工程招标投标 (招标投标法) or 政府采购 (87号令); they differ in rules and in words."""

Role = Literal[
    "agent", "tenderee", "expert", "witness", "supervisor", "bidder", "keeper", "venue",
    "installation", "custodian",
]  # fmt: skip
"""Who speaks. `venue` is a node's own key, `installation` the coordinator's, `custodian` a key service's."""

SeatRole = Literal[
    "agent", "tenderee", "expert", "witness", "supervisor", "bidder", "keeper", "venue",
    "installation",
]  # fmt: skip
"""What the form of a seat admits (published; a custodian's service has no seat)."""

PERSON_ROLES: tuple[Role, ...] = (
    "agent", "tenderee", "expert", "witness", "supervisor", "bidder", "keeper",
)  # fmt: skip

MemberKind = Literal["tenderee_rep", "expert", "none"]
VenueRole = Literal["main", "sub"]
SignInWay = Literal["certificate", "passkey", "code"]
"""By what somebody may sign in at an installation."""
Means = Literal["code", "certificate", "passkey", "desk"]
"""How a person was identified when a seat's key was bound (DESIGN 3: BindSeat)."""

SessionPhase = Literal[
    "DRAFT", "BOOKED", "DRAWN", "CHECKIN", "COMMITTEE_READY", "REPORT_DRAFT", "SIGNING",
    "SUBMITTED", "ARCHIVED", "SUSPENDED", "COMMITTEE_VOID", "FAILED",
]  # fmt: skip
StagePhase = Literal[
    "AWAITED", "OPENING", "BIDDERS_RELEASE", "CUSTODIANS_RELEASE", "OPENED", "PRELIM",
    "DETAILED", "SCORES_SEALED", "SCORES_OPENING", "SUMMARY", "RANKED",
    "CLARIFYING", "REJECT_VOTE", "RECHECK", "FAILED",
]  # fmt: skip
Milestone = Literal[
    "genesis", "bids_received", "release_closed", "bids_opened", "roster_locked",
    "scores_closed", "scores_opened", "ranking_final",
]  # fmt: skip

MomentKind = Literal["bid_deadline", "opening", "release_until", "publication", "objection_until"]
"""Public moments of a tender: 投标截止, 开标, 解密截止, 中标候选人公示, 异议截止."""
BidderStep = Literal["opening", "read_out", "review", "concluded", "result", "failed"]
"""Where a tender is, in a bidder's terms: 开标, 唱标, 评审中, 评审结束, 结果, 招标失败."""


class Term(Struct, frozen=True):
    """A word of the field in both languages."""

    zh: str
    en: str


TERMS: dict[str, Term] = {
    "remote_evaluation": Term("远程异地评标", "remote cross-province evaluation"),
    "session": Term("评标会话", "evaluation session"),
    "host_venue": Term("主场", "main venue"),
    "sub_venue": Term("副场", "sub-venue"),
    "venue": Term("会场", "venue"),
    "seat": Term("席位", "seat"),
    "dispatch": Term("调度", "dispatch"),
    "tenderee": Term("招标人", "tenderee"),
    "purchaser": Term("采购人", "purchaser"),
    "agent": Term("招标代理", "tender agent"),
    "bidder": Term("投标人", "bidder"),
    "supplier": Term("供应商", "supplier"),
    "committee": Term("评标委员会", "evaluation committee"),
    "expert": Term("评标专家", "expert"),
    "tenderee_rep": Term("招标人代表", "tenderee's representative"),
    "purchaser_rep": Term("采购人代表", "purchaser's representative"),
    "chair": Term("组长", "chair"),
    "witness": Term("见证人员", "witness"),
    "witnessing": Term("见证", "witnessing"),
    "witness_recognition": Term("见证互认", "mutual recognition of witnessing"),
    "supervisor": Term("监督人员", "supervisor"),
    "supervision": Term("监管", "supervision"),
    "keeper": Term("场所管理员", "venue keeper"),
    "installation": Term("协调系统", "coordinator"),
    "lot": Term("标段", "lot"),
    "envelope": Term("信封", "envelope"),
    "draw": Term("抽取", "draw"),
    "expert_pool": Term("专家库", "expert pool"),
    "recusal": Term("回避", "recusal"),
    "undertaking": Term("承诺书", "undertaking"),
    "check_in": Term("签到", "check-in"),
    "identity_check": Term("身份核验", "identity check"),
    "opening": Term("开标", "bid opening"),
    "read_out": Term("唱标", "read-out"),
    "decryption": Term("解密", "decryption"),
    "withdrawal": Term("撤回", "withdrawal"),
    "revocation": Term("撤销", "revocation"),
    "remedy_plan": Term("补救方案", "remedy plan"),
    "preliminary_review": Term("初步评审", "preliminary review"),
    "form_review": Term("形式评审", "form review"),
    "qualification_review": Term("资格评审", "qualification review"),
    "responsiveness_review": Term("响应性评审", "responsiveness review"),
    "conformity_review": Term("符合性审查", "conformity review"),
    "material_deviation": Term("重大偏差", "material deviation"),
    "minor_deviation": Term("细微偏差", "minor deviation"),
    "clarification": Term("澄清", "clarification"),
    "bid_rejection": Term("否决投标", "rejection of a bid"),
    "bid_invalid": Term("投标无效", "invalid bid"),
    "detailed_review": Term("详细评审", "detailed review"),
    "commercial_part": Term("商务标", "commercial part"),
    "technical_part": Term("技术标", "technical part"),
    "blind_part": Term("暗标", "blind part"),
    "criterion": Term("评分项", "criterion"),
    "objective_score": Term("客观分", "objective score"),
    "subjective_score": Term("主观分", "subjective score"),
    "abnormal_score": Term("畸高畸低", "abnormally high or low score"),
    "aggregation": Term("汇总", "aggregation"),
    "recheck": Term("复核", "recheck"),
    "base_price": Term("评标基准价", "base price"),
    "evaluated_price": Term("评标价", "evaluated price"),
    "price_ceiling": Term("最高投标限价", "price ceiling"),
    "price_limit": Term("最高限价", "price ceiling"),
    "float_rate": Term("下浮率", "float rate"),
    "deviation_rate": Term("偏差率", "deviation rate"),
    "comprehensive_method": Term("综合评估法", "comprehensive method"),
    "lowest_evaluated_price": Term("经评审的最低投标价法", "lowest evaluated price method"),
    "two_envelope": Term("双信封", "two-envelope"),
    "separate_award": Term("评定分离", "separate award"),
    "dissent": Term("不同意见", "dissent"),
    "deemed_agreement": Term("视为同意", "deemed agreement"),
    "evaluation_report": Term("评标报告", "evaluation report"),
    "candidate": Term("中标候选人", "award candidate"),
    "publicity": Term("公示", "publication"),
    "objection": Term("异议", "objection"),
    "complaint": Term("投诉", "complaint"),
    "query": Term("质疑", "query"),
    "signature_seal": Term("签章", "signature and seal"),
    "notarise": Term("存证", "notarised evidence"),
    "suspension": Term("中断", "suspension"),
    "sealing": Term("封存", "sealing"),
    "archive": Term("归档", "archive"),
    "bid_cleaning": Term("清标", "bid cleaning"),
    "collusion": Term("围标串标", "collusion"),
    "similarity": Term("雷同", "similarity"),
    "custodian": Term("密钥托管方", "custodian of bids' keys"),
    "cosigner": Term("联署节点", "cosigner"),
    "owed": Term("待补签", "owed cosignature"),
}
"""Identifier to words; DOMAIN's glossary and the nouns this protocol adds."""

PHASE_TERMS: dict[str, Term] = {
    "DRAFT": Term("筹备", "draft"),
    "BOOKED": Term("已预约", "booked"),
    "DRAWN": Term("已抽取", "committee drawn"),
    "CHECKIN": Term("签到", "check-in"),
    "COMMITTEE_READY": Term("评标委员会就绪", "committee ready"),
    "REPORT_DRAFT": Term("编制评标报告", "drafting the report"),
    "SIGNING": Term("签署评标报告", "signing the report"),
    "SUBMITTED": Term("已提交", "submitted"),
    "ARCHIVED": Term("已归档", "archived"),
    "SUSPENDED": Term("中断", "suspended"),
    "COMMITTEE_VOID": Term("评标委员会作废重组", "committee void"),
    "FAILED": Term("失败", "failed"),
    "AWAITED": Term("等待开标", "awaiting opening"),
    "OPENING": Term("开标", "opening"),
    "BIDDERS_RELEASE": Term("投标人解密", "bidders release"),
    "CUSTODIANS_RELEASE": Term("托管方解密", "custodians release"),
    "OPENED": Term("已开标", "opened"),
    "PRELIM": Term("初步评审", "preliminary review"),
    "DETAILED": Term("详细评审", "detailed review"),
    "SCORES_SEALED": Term("评分已封存", "scores sealed"),
    "SCORES_OPENING": Term("评分开启", "scores opening"),
    "SUMMARY": Term("汇总", "aggregation"),
    "RANKED": Term("已排序", "ranked"),
    "CLARIFYING": Term("澄清", "clarification"),
    "REJECT_VOTE": Term("否决投标表决", "rejection vote"),
    "RECHECK": Term("复核", "recheck"),
}

_REGIME_WORDS: dict[str, dict[str, str]] = {
    "GOV_PROC": {
        "tenderee": "purchaser",
        "tenderee_rep": "purchaser_rep",
        "bidder": "supplier",
        "bid_rejection": "bid_invalid",
        "objection": "query",
        "price_ceiling": "price_limit",
    },
    "TENDER": {},
}


def term(identifier: str, regime: Regime = "TENDER") -> Term:
    """The words of an identifier under a regime (招标人/采购人, 投标人/供应商, …).

    Raises:
      KeyError: for an identifier that has no entry in `TERMS`.

    >>> term("tenderee", "GOV_PROC").zh
    '采购人'
    """
    return TERMS[_REGIME_WORDS[regime].get(identifier, identifier)]


class Stage(Struct, frozen=True, forbid_unknown_fields=True):
    """Where in the work an act belongs: 标段, 信封, and the round (1, 2 after a re-evaluation).

    The whole session is the stage with empty names and round 0.
    """

    lot: IdOrEmpty
    envelope: IdOrEmpty
    round: Annotated[int, Meta(ge=0, le=99)]


SESSION_STAGE = Stage(lot="", envelope="", round=0)


def track_name(lot: str, envelope: str) -> str:
    """The name under which a state keeps one lot's envelope: `01/1`."""
    return f"{lot}/{envelope}"
