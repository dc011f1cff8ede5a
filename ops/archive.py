"""`tongchang archive`: a session's archive made out of its record, and what an archive holds (SPEC 26).

Owns the order and the sentences. What stands in it is `protocol.archive`'s; the papers are made from the
record alone. Ends with 1 where something does not hold, with 2 where a file cannot be read.
"""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec import Struct

from ops import elsewhere, files, replay, report, witness
from ops.trouble import Trouble
from protocol import archive, archive_keys, canonical
from protocol.archive import Archive
from protocol.archive_keys import Attached
from protocol.hidden import Field
from protocol.ledger import checkpoint, note, quorum, tree
from protocol.ledger.note import NoteError
from protocol.ledger.quorum import Judged, NotEnough, PolicyError
from protocol.record import Record
from protocol.refusals import Refusal, text
from protocol.session.state import State

UNREADABLE: Final = 2
WRONG: Final = 1
FIELDS: Final[tuple[str, ...]] = get_args(Field)


class Wanted(Struct, frozen=True, kw_only=True):
    """What goes into an archive beside the record."""

    checkpoints: Sequence[Path] = ()
    policy: Path | None = None
    attached: Sequence[str] = ()
    bids: Path | None = None
    """The folder of the sealed bids, `LOT-ENVELOPE/BID.tcbid`; recordings are the record's own."""
    withheld: Sequence[str] = ()
    proofs: bool = False
    signed: Path | None = None
    """The report as it was signed in the session: what stands in front of its signatures is the report."""
    beside: Sequence[Path] = ()
    """The signatures beside it."""
    proved: archive.Proved = archive.Proved()
    trusted: Path | None = None
    """The trust list, where what proves the archive is handed over by hand; so are the next three."""
    evidence: Sequence[Path] = ()
    stamp: Path | None = None
    tsa: str = ""


class Made(Struct, frozen=True):
    """An archive that was written."""

    archive: str
    bytes: int
    sha256: str
    session: str
    size: int
    root: str
    members: int
    withheld: tuple[str, ...]


def make(path: Path, out: Path | None, wanted: Wanted) -> Made:
    """Write the archive of a record, beside it unless another place is named.

    Raises:
      Trouble: a file cannot be read, or a field or an attachment is misnamed (2); the record breaks a rule, a
        head is not the record's, or a paper cannot be made (1).
    """
    unknown = sorted(set(wanted.withheld) - set(FIELDS))
    if unknown:
        raise Trouble(
            f"没有名为 {'、'.join(unknown)} 的披露内容;可用:{'、'.join(FIELDS)}。",
            f"No disclosure is called {', '.join(unknown)}; there are: {', '.join(FIELDS)}.",
            UNREADABLE,
        )

    def build(found: Record, state: State) -> dict[str, bytes]:
        return _members(found, state, wanted)

    members = replay.told(replay.read(path), str(path), build)
    raw = io.BytesIO()
    archive.write(members, raw)
    made = raw.getvalue()
    where = (out or path.with_suffix(".archive.zip")).absolute()
    files.write(where, made)
    manifest = msgspec.json.decode(members[archive.MANIFEST], type=archive.Manifest)
    return Made(
        str(where), len(made), hashlib.sha256(made).hexdigest(), manifest.session, manifest.size,
        manifest.root.hex(), len(members), manifest.withheld,
    )  # fmt: skip


def show(path: Path, policy: Path | None) -> tuple[Archive, Judged | None]:
    """Read an archive, and with a policy see that its final head is covered by it.

    Raises:
      Trouble: it or the policy cannot be read (2); it does not hold (1).
    """
    found = archive.read(replay.read(path))
    if isinstance(found, Refusal):
        told = text(found)
        raise Trouble(told.zh, told.en, WRONG)
    return found, None if policy is None else _covered(found, _policy(policy))


def said(found: Archive, judged: Judged | None) -> tuple[str, str]:
    """What an archive holds, in one sentence of each language."""
    manifest = found.manifest
    held = f"{manifest.session} · {manifest.size}:{manifest.root.hex()}"
    zh, en = (
        f"归档文件完整({held}),{len(found.members)} 个成员",
        f"The archive is whole ({held}), {len(found.members)} members",
    )
    if manifest.withheld:
        zh += f",未随附:{'、'.join(manifest.withheld)}"
        en += f"; withheld: {', '.join(manifest.withheld)}"
    if judged is not None:
        zh += f",树头由 {'、'.join(judged.cosigned) or '日志'} 联署,符合信任策略"
        en += f"; its head is cosigned by {', '.join(judged.cosigned) or 'the log'} as the policy asks"
    return f"{zh}。规则是否遵守,请用 tongchang replay 重放其中的 record.jsonl。", (
        f"{en}. Whether the rules were kept: replay its record.jsonl with tongchang replay."
    )


def as_json(found: Archive, judged: Judged | None) -> str:
    """The same as one line: `{session, size, root, withheld, members, checkpoints, attached, cosigned}`."""
    value: dict[str, Any] = {
        "session": found.manifest.session,
        "size": found.manifest.size,
        "root": found.manifest.root.hex(),
        "withheld": found.manifest.withheld,
        "members": len(found.members),
        "checkpoints": sorted(found.checkpoints),
        "attached": msgspec.json.decode(found.members[archive.ATTACHED]),
        "cosigned": None if judged is None else judged.cosigned,
    }
    return msgspec.json.encode(value).decode()


# --- part by part -------------------------------------------------------------------------------------------


def _members(found: Record, state: State, wanted: Wanted) -> dict[str, bytes]:
    withheld = FIELDS if wanted.proofs else tuple(wanted.withheld)
    kept = archive.without(found, withheld)
    papers = witness.papers(kept, state, certificates=not withheld)
    # Under a plan that keeps them so, no venue is ever given the names: whatever is made of its copy says so.
    never = ("bidder_name",) if state.names_hidden and "bidder_name" not in withheld else ()
    if not withheld:
        papers |= report.papers(kept, state)
        papers |= {} if wanted.signed is None or never else _signed(state, wanted.signed, wanted.beside)
    heads = _heads(found, wanted.checkpoints)
    return archive.build(
        found,
        checkpoints=heads,
        policy=b"" if wanted.policy is None else replay.read(wanted.policy),
        attached=_elsewhere(found, wanted),
        papers=papers,
        withheld=(*withheld, *never),
        proved=_proved(wanted, heads.get(len(found.entries))),
    )


def _proved(wanted: Wanted, head: bytes | None) -> archive.Proved:
    """What proves certificates and the last head: as it was gathered, or as it is handed over."""
    if wanted.trusted is None and not (wanted.evidence or wanted.stamp or wanted.tsa):
        return wanted.proved
    # What reads tokens is slow to load, and not every archive has one.
    from ops import proving  # noqa: PLC0415

    token = b""
    if wanted.stamp is not None or wanted.tsa:
        if head is None:
            raise Trouble(
                "没有覆盖全部记录的检查点,时间戳无从附着。请以 --checkpoint 给出最终检查点。",
                "No checkpoint covers all entries for a time-stamp to stand on. Name it with --checkpoint.",
                UNREADABLE,
            )
        token = (
            proving.checked(replay.read(wanted.stamp), head, str(wanted.stamp))
            if wanted.stamp is not None
            else proving.asked(wanted.tsa, head)
        )
    return proving.handed(wanted.trusted, wanted.evidence, token)


def _signed(state: State, signed: Path, beside: Sequence[Path]) -> dict[str, bytes]:
    """The signed report and the signatures beside it, where the record names them; and the report itself."""
    raw, own = replay.read(signed), state.signatures
    members = {"report.pdf": _bare(signed, raw)}
    if not own.prepared:
        return members
    seats = {paper.digest: seat for seat, paper in own.signed.items() if paper.beside}
    given = [(path, replay.read(path)) for path in beside]
    strange = [path for path, seal in given if canonical.sha256(seal) not in seats]
    if canonical.sha256(raw) != own.document or strange:
        raise Trouble(
            f"{strange[0] if strange else signed} 与记录所载的签署文件不一致。请勿采信,并通知监督人员。",
            f"{strange[0] if strange else signed} is not the file that the record names. Do not rely on it, "
            "and tell a supervisor.",
            WRONG,
        )
    seals = {f"{archive.SIGNED}{seats[canonical.sha256(seal)]}.p7s": seal for _, seal in given}
    return {**members, archive.SIGNED_REPORT: raw, **seals}


def _bare(signed: Path, raw: bytes) -> bytes:
    """The report itself, in front of its places and signatures (SPEC 29.1)."""
    # The signatures' library is slow to load, and not every archive needs it.
    from main_venue.signing import prepared, revision  # noqa: PLC0415

    try:
        return raw[: prepared.manifest_of(revision.read(raw)).report.bytes]
    except (prepared.NotPrepared, *revision.UNREADABLE) as error:
        raise Trouble(
            f"{signed} 不是备签报告({error})。", f"{signed} is no prepared report ({error}).", UNREADABLE
        ) from error


def _heads(found: Record, paths: Sequence[Path]) -> dict[int, bytes]:
    """Signed notes by size, each a head of this record; who has signed is the verifier's to judge."""
    leaves = [tree.leaf_hash(raw) for raw in found.entries]
    heads: dict[int, bytes] = {}
    for path in paths:
        raw = replay.read(path)
        try:
            head = checkpoint.read(note.split(raw)[0])
        except NoteError as error:
            raise Trouble(
                f"{path} 不是检查点:{error}。", f"{path} is no checkpoint: {error}.", UNREADABLE
            ) from error
        if head.size > len(leaves) or tree.root(leaves[: head.size]) != head.root:
            raise Trouble(
                f"{path} 不是该记录的树头({head.size} 条)。请勿采信,并通知监督人员。",
                f"{path} is no head of this record ({head.size} entries). Do not rely on it, and tell a "
                "supervisor.",
                WRONG,
            )
        heads[head.size] = raw
    return heads


def _elsewhere(found: Record, wanted: Wanted) -> tuple[Attached, ...]:
    """What is kept elsewhere: recordings that the record tells of, bids that are there, what was named.

    Raises:
      Trouble: something cannot be read (2); it is not the record's (1).
    """
    named = tuple(map(_attached, wanted.attached))
    strange = archive_keys.strange(found, named)
    if strange:
        raise Trouble(
            f"附件“{strange}”不在记录中。录像由记录自动列出,投标文件请用 --bids 指明所在文件夹。",
            f"The record knows of no “{strange}”. Recordings are listed out of the record; name the folder "
            "of the sealed bids with --bids.",
            WRONG,
        )
    return (*elsewhere.recordings(found), *elsewhere.bids(found, wanted.bids), *named)


def _attached(typed: str) -> Attached:
    kind, _, name = typed.partition("=")
    path = Path(name)
    try:
        return msgspec.convert(
            {"digest": hashlib.sha256(replay.read(path)).digest(), "kind": kind, "name": path.name,
             "size": path.stat().st_size},
            Attached,
        )  # fmt: skip
    except msgspec.ValidationError as error:
        raise Trouble(
            f"附件“{typed}”的写法不对,应为 recording=文件、bid=文件 或 document=文件。",
            f"The attachment “{typed}” is not written as recording=FILE, bid=FILE or document=FILE.",
            UNREADABLE,
        ) from error


def _policy(path: Path) -> quorum.Policy:
    try:
        return quorum.read(replay.read(path))
    except PolicyError as error:
        raise Trouble(
            f"信任策略 {path} 无法读取:{error}。", f"The policy {path} cannot be read: {error}.", UNREADABLE
        ) from error


def _covered(found: Archive, policy: quorum.Policy) -> Judged:
    raw = found.checkpoints.get(found.manifest.size)
    if raw is None:
        raise Trouble(
            "归档文件中没有覆盖全部记录的检查点,无法判断是否经联署。",
            "The archive has no checkpoint over all of its entries, so who has cosigned them cannot be told.",
            UNREADABLE,
        )
    try:
        judged = quorum.judge(raw, policy)
    except NotEnough as error:
        raise Trouble(
            f"联署未达到信任策略的要求,缺少:{'、'.join(error.missing)}。", f"{error}.", WRONG
        ) from error
    except NoteError as error:
        raise Trouble(f"检查点不可信:{error}。", f"The checkpoint does not hold: {error}.", WRONG) from error
    if (judged.head.size, judged.head.root) != (found.manifest.size, found.manifest.root):
        raise Trouble(
            "检查点不是该记录的树头。请勿采信,并通知监督人员。",
            "The checkpoint is no head of this record. Do not rely on it, and tell a supervisor.",
            WRONG,
        )
    return judged
