"""What may be asked: one frozen struct for the content of each command type.

A command is a header and a content (SPEC 4). The header names the session, the type, the
author's key and clock, the author's own rising number, the last tree head the author
verified, and the stage. The content's form depends on the type; a change of form is a new
type. Types that the phase table names but whose content a later rules version defines have
no struct here and are refused with `NotYetAvailable` before their content is read.
"""
# tidy: long because the forms of all acts stand in one table

import functools
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from protocol import (
    canonical,
    commands_ceremony,
    commands_draw,
    commands_escrow,
    commands_identity,
    commands_live,
    commands_milestones,
    commands_oversight,
    commands_recognition,
    commands_review,
    commands_signatures,
    commands_turns,
    limits,
)
from protocol.content import BidRef, Content, RejectedBid, SeatRef, VenueRef
from protocol.plan.observations import Finding
from protocol.words import (
    Count,
    DecimalText,
    Hash,
    HashOrEmpty,
    Id,
    IdOrEmpty,
    KeyText,
    Means,
    Milestone,
    Millis,
    OutOfForm,
    Regime,
    Stage,
    Text,
    a_key,
    an_id,
)

__all__ = ["BidRef", "Content", "RejectedBid", "SeatRef", "VenueRef"]
"""What stands in `content` and belongs to this table as well; everything below is public too."""


class LotRef(Struct, frozen=True, forbid_unknown_fields=True):
    """A lot and its envelopes in their order of opening."""

    lot: Id
    envelopes: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=limits.ENVELOPES_PER_LOT_MAX)]


class NodeKey(Struct, frozen=True, forbid_unknown_fields=True):
    """The key of a standing node, as the installation knows it."""

    node: Id
    key: KeyText


class ProvinceSignature(Struct, frozen=True, forbid_unknown_fields=True):
    """A province's signature over the policy that genesis names."""

    province: Id
    key: KeyText
    sig: KeyText


class BookSession(Content, frozen=True, forbid_unknown_fields=True):
    """预约: the genesis. Carries the plan's digest and the facts that phases need.

    `plan` is a hidden digest; `check` compares the public facts with the disclosed plan.
    `scoring_ms` 0 means no time for scoring is set; otherwise an overrun is raised after it.
    """

    rules_version: Id
    regime: Regime
    demonstration: bool
    plan: Hash
    lots: Annotated[tuple[LotRef, ...], Meta(min_length=1, max_length=limits.LOTS_MAX)]
    committee_size_min: Annotated[int, Meta(ge=1, le=99)]
    committee_odd: bool
    experts_num: Annotated[int, Meta(ge=0, le=100)]
    experts_den: Annotated[int, Meta(ge=1, le=100)]
    bids_min: Annotated[int, Meta(ge=1, le=99)]
    scoring_ms: Millis
    names_hidden: bool
    milestone_wait_ms: Millis
    installation_key: KeyText
    policy_digest: Annotated[bytes, Meta(max_length=32)]
    province_signatures: Annotated[tuple[ProvinceSignature, ...], Meta(max_length=40)]
    node_keys: Annotated[tuple[NodeKey, ...], Meta(max_length=limits.VENUES_MAX)]


class ImportCommittee(Content, frozen=True, forbid_unknown_fields=True):
    """抽取结果导入: venues and seats as a draw outside this system gave them."""

    source: Text
    digest: Hash
    signer: Text
    venues: Annotated[tuple[VenueRef, ...], Meta(min_length=1, max_length=limits.VENUES_MAX)]
    seats: Annotated[tuple[SeatRef, ...], Meta(min_length=1, max_length=limits.SEATS_MAX)]


class BindSeat(Content, frozen=True, forbid_unknown_fields=True):
    """席位绑定: the author's new key becomes the seat's; the identity node attests it.

    `attestation` is the installation key's signature over
    {session, seat, key, means} under the tag `bind-seat/v1` (SPEC 5.3).
    """

    seat: Id
    means: Means
    attestation: KeyText


class ImportOpening(Content, frozen=True, forbid_unknown_fields=True):
    """开标结果导入: the bids of one lot and envelope as an opening elsewhere gave them."""

    source: Text
    digest: Hash
    signer: Text
    bids: Annotated[tuple[BidRef, ...], Meta(min_length=1, max_length=limits.BIDS_PER_STAGE_MAX)]


class ReadOut(Content, frozen=True, forbid_unknown_fields=True):
    """唱标: the tenderee has read out one bid, its bidder's name, price and main contents."""

    bidder: Id


class SignOpeningRecord(Content, frozen=True, forbid_unknown_fields=True):
    """签署开标记录: over the digest of the opening of this stage as the record has it (SPEC 13.2)."""

    record: Hash


class DrawK(Content, frozen=True, forbid_unknown_fields=True):
    """抽取 K 值: drawn in public after the bids are open.

    Until the draw itself is verifiable this is an act of the agent, whose value `check`
    looks up among the plan's candidates. `rate` names the plan's rate, `k` is per cent.
    """

    rate: Id
    k: DecimalText


class OpenCheckIn(Content, frozen=True, forbid_unknown_fields=True):
    """开始签到."""


class CheckIn(Content, frozen=True, forbid_unknown_fields=True):
    """签到: signs the undertaking (its SHA-256) and declares recusal (回避) not to apply."""

    undertaking: Hash
    recusal: Literal["none"]


class LockRoster(Content, frozen=True, forbid_unknown_fields=True):
    """锁定评标委员会: everybody named has checked in."""


class BeginPreliminary(Content, frozen=True, forbid_unknown_fields=True):
    """进入初步评审."""


class ImportPreliminary(Content, frozen=True, forbid_unknown_fields=True):
    """初步评审结果导入: which bids go on to detailed review."""

    source: Text
    digest: Hash
    signer: Text
    valid: Annotated[tuple[Id, ...], Meta(max_length=limits.BIDS_PER_STAGE_MAX)]
    rejected: Annotated[tuple[RejectedBid, ...], Meta(max_length=limits.BIDS_PER_STAGE_MAX)]


class SealSheet(Content, frozen=True, forbid_unknown_fields=True):
    """封存评分: one expert's commitment for one stage (SPEC 6)."""

    commitment: Hash


class CloseScoring(Content, frozen=True, forbid_unknown_fields=True):
    """结束评分: every rostered seat has sealed."""


class TryOpening(Content, frozen=True, forbid_unknown_fields=True):
    """试开启: a venue says whether it can open a seat's commitment; shows nothing."""

    seat: Id
    commitment: Hash
    result: Literal["ok", "fault"]
    cause: IdOrEmpty


class OpenSheet(Content, frozen=True, forbid_unknown_fields=True):
    """开启评分: a venue opens a seat's commitment; the opening travels as disclosure."""

    seat: Id
    commitment: Hash


class PublishTally(Content, frozen=True, forbid_unknown_fields=True):
    """汇总: the digest of the evaluation that the plan's rules give."""

    tally: Hash


class ConfirmRanking(Content, frozen=True, forbid_unknown_fields=True):
    """确认排序."""


class BeginReport(Content, frozen=True, forbid_unknown_fields=True):
    """编制评标报告."""


class ImportReport(Content, frozen=True, forbid_unknown_fields=True):
    """评标报告导入: the report's digest, its source and who signed for it."""

    source: Text
    digest: Hash
    signer: Text
    report: Hash


class SignReport(Content, frozen=True, forbid_unknown_fields=True):
    """签署评标报告: by each member, over the report's digest."""

    report: Hash


class SubmitReport(Content, frozen=True, forbid_unknown_fields=True):
    """提交评标报告."""


class ArchiveSession(Content, frozen=True, forbid_unknown_fields=True):
    """归档."""


class NoteObservation(Content, frozen=True, forbid_unknown_fields=True):
    """见证记录: one observation of a witness at their venue (SPEC 13.1).

    `item` is a code of the table of this rules version. `subject` is the seat or venue it is
    about, empty for none of them. `entry` is the `seq` of an earlier entry that it refers to,
    0 for none. `noted_at` is the witness's clock when it was seen, ms. `media_offset_ms` is how
    far into the venue's recording that was, 0 where none runs. `remark` is a hidden digest of a
    text, empty where there is none.
    """

    item: Id
    finding: Finding
    subject: IdOrEmpty
    entry: Count
    noted_at: Millis
    media_offset_ms: Millis
    remark: HashOrEmpty


class SignWitnessRecord(Content, frozen=True, forbid_unknown_fields=True):
    """签署见证记录: a witness signs how many observations they noted, and the chain over them."""

    count: Count
    record: Hash


class ReachMilestone(Content, frozen=True, forbid_unknown_fields=True):
    """里程碑: the tree head before this entry, who cosigned it and who owes (DESIGN 8)."""

    milestone: Milestone
    size: Count
    root: Hash
    cosigned: Annotated[tuple[Id, ...], Meta(max_length=limits.VENUES_MAX)]
    owed: Annotated[tuple[Id, ...], Meta(max_length=limits.VENUES_MAX)]


class RaiseOverrun(Content, frozen=True, forbid_unknown_fields=True):
    """超时提醒: seats that have not sealed when the scoring time is over; refuses nobody."""

    seats: Annotated[tuple[Id, ...], Meta(max_length=limits.SEATS_MAX)]


class NoteRefusal(Content, frozen=True, forbid_unknown_fields=True):
    """记录被拒操作: a refused act that supervisors must see (DESIGN 1.4)."""

    seat: IdOrEmpty
    command_type: Id
    code: Id
    command_digest: Hash


_TABLE: tuple[type[Content], ...] = (
    BookSession, ImportCommittee, BindSeat, ImportOpening, DrawK, OpenCheckIn, CheckIn,
    LockRoster, BeginPreliminary, ImportPreliminary, SealSheet, CloseScoring, TryOpening,
    OpenSheet, PublishTally, ConfirmRanking, BeginReport, ImportReport, SignReport,
    SubmitReport, ArchiveSession, ReachMilestone, RaiseOverrun, NoteRefusal, ReadOut,
    SignOpeningRecord, NoteObservation, SignWitnessRecord,
    *commands_draw.CONTENTS, *commands_review.CONTENTS, *commands_turns.CONTENTS,
    *commands_milestones.CONTENTS,
    *commands_identity.CONTENTS,
    *commands_ceremony.CONTENTS,
    *commands_escrow.CONTENTS,
    *commands_signatures.CONTENTS,
    *commands_live.CONTENTS,
    *commands_recognition.CONTENTS,
    *commands_oversight.CONTENTS,
)  # fmt: skip

CONTENTS: dict[str, type[Content]] = {one.__name__: one for one in _TABLE}
"""Command type to the form of its content."""


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """A tree head: how many entries, and the RFC 6962 root over them."""

    size: Count
    root: Hash


NO_HEAD = Head(size=0, root=canonical.sha256(b""))
"""The head before the first: size 0 and SHA-256 of nothing."""


class Command(Struct, frozen=True, forbid_unknown_fields=True):
    """A command: header and content. `type` is the content's struct name.

    `author_at` is the author's own clock (ms); `author_seq` rises per key, gaps allowed,
    and is 0 for the installation's own acts.
    """

    session: Id
    type: Id
    command_id: Id
    author_key: KeyText
    author_at: Millis
    author_seq: Count
    seen: Head
    stage: Stage
    content: Content


class _Wire(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A command as it is read: its content is raw because its form hangs on `type`.

    What comes back from act to act is looked up instead of matched anew, and so is a plain text here:
    session, type and author's key (`words.an_id`, `words.a_key`), and the stage.
    """

    session: str
    type: str
    command_id: Id
    author_key: str
    author_at: Millis
    author_seq: Count
    seen: Head
    stage: msgspec.Raw
    content: msgspec.Raw


_wires: Final = msgspec.json.Decoder(_Wire)
_stages: Final = msgspec.json.Decoder(Stage)
_STAGE_BYTES_MAX: Final = 256
"""More than the longest stage takes in canonical bytes."""
_contents: Final = {name: msgspec.json.Decoder(form) for name, form in CONTENTS.items()}


class UnknownContent(ValueError):
    """The command's type has no content form here; `header` is what could be read."""

    def __init__(self, type_: str) -> None:
        super().__init__(type_)
        self.type = type_


def parse(raw: bytes) -> Command:
    """Read a command from its canonical bytes.

    Raises:
      NotCanonical: the bytes are not canonical or a field is out of its form.
      UnknownContent: the type is none of `CONTENTS`.
    """
    command = parse_within(raw)
    if not canonical.is_of(command, raw):
        raise canonical.NotCanonical("not the canonical bytes of its own value")
    return command


def parse_within(raw: bytes) -> Command:
    """The same for bytes within something whose canonical form is checked as a whole.

    Raises:
      NotCanonical: they are too long, or a field is out of its form.
      UnknownContent: the type is none of `CONTENTS`.
    """
    if len(raw) > limits.COMMAND_BYTES_MAX:
        raise canonical.NotCanonical(f"{len(raw)} bytes, at most {limits.COMMAND_BYTES_MAX}")
    try:
        wire = _wires.decode(raw)
        form = _contents.get(wire.type)
        if form is None:
            raise UnknownContent(an_id(wire.type))
        return Command(
            an_id(wire.session), wire.type, wire.command_id, a_key(wire.author_key), wire.author_at,
            wire.author_seq, wire.seen, _stage(bytes(wire.stage)), form.decode(wire.content),
        )  # fmt: skip
    except (msgspec.MsgspecError, OutOfForm, UnicodeError, RecursionError) as error:
        raise canonical.NotCanonical(str(error)) from error


def _stage(raw: bytes) -> Stage:
    if len(raw) > _STAGE_BYTES_MAX:
        raise canonical.NotCanonical(f"a stage of {len(raw)} bytes")
    return _known_stage(raw)


@functools.lru_cache(1024)
def _known_stage(raw: bytes) -> Stage:
    """A stage's form; kept, because a whole stage's acts are of one."""
    return _stages.decode(raw)


def same_act(one: Command, other: Command) -> bool:
    """Whether two commands ask the same: type, stage and content (DESIGN 1.1, idempotence)."""
    return (one.type, one.stage, one.content) == (other.type, other.stage, other.content)


def act_digest(command: Command) -> bytes:
    """SHA-256 that names what is asked: session, type, stage and content, 32 bytes."""
    return canonical.tagged_digest("act/v1", [command.session, command.type, command.stage, command.content])
