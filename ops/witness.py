"""`tongchang witness`: witnesses' certificates (见证书), the lists behind them, checking a list (见证互认).

Owns the order, the files' names and the sentences. What a list is stands in `protocol.handover`, what the
paper says in `main_venue.report.witness_certificate`. Ends with 1 where something does not hold, with 2
where a file cannot be read.
"""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from main_venue.report import witness_certificate
from main_venue.report.gathered import BEIJING, clock
from main_venue.typeset.document import GlyphMissing
from ops import files, replay
from ops.trouble import Trouble
from protocol import handover
from protocol.handover import Checked
from protocol.plan.observations import FINDING_TERMS
from protocol.plan.recognition import VERDICT_TERMS
from protocol.record import Record
from protocol.refusals import Refusal, text
from protocol.session.state import State

UNREADABLE = 2
WRONG = 1


class Made(Struct, frozen=True):
    """One witness's two files."""

    seat: str
    venue: str
    observations: int
    signed_at: int
    certificate: str
    list: str
    list_sha256: str


def make(path: Path, out: Path | None) -> tuple[Made, ...]:
    """Write certificate and list of every witness who has signed, beside the record or into a folder.

    Raises:
      Trouble: the record cannot be read (2); it breaks a rule, nobody has signed, or a character has no font
        here (1).
    """
    folder = files.make_folder(out.absolute()) if out is not None else path.absolute().parent
    return replay.told(
        replay.read(path), str(path), lambda found, state: _make(found, state, folder, path.stem)
    )


def check(path: Path, head: str | None) -> Checked:
    """Check a list; what it says where it holds.

    Raises:
      Trouble: it cannot be read (2) or does not hold (1).
    """
    found = handover.read(replay.read(path))
    if isinstance(found, Refusal):
        raise _trouble(found, UNREADABLE)
    checked = handover.check(found, None if head is None else _head(head))
    if isinstance(checked, Refusal):
        raise _trouble(checked, WRONG)
    return checked


def said(checked: Checked) -> tuple[str, str]:
    """A list that holds, in one sentence of each language."""
    found = checked.handover
    counts = {name: sum(one.finding == name for one in found.observations) for name in FINDING_TERMS}
    zh = "、".join(f"{FINDING_TERMS[name].zh} {count}" for name, count in counts.items())
    en = ", ".join(f"{count} {FINDING_TERMS[name].en}" for name, count in counts.items())
    head, at = f"{found.size}:{found.root.hex()}", clock(checked.signed_at)
    at_en = f"{datetime.fromtimestamp(checked.signed_at / 1000, BEIJING):%Y-%m-%d %H:%M:%S} Beijing time"
    where = f"{found.session} · {found.venue} · {found.seat}"
    total = len(found.observations)
    told_zh = f"移交清单成立({where}):共 {total} 条({zh}),{at} 签署。请另行核对会话树头 {head}"
    told_en = (
        f"The list holds ({where}): {total} observations ({en}), signed {at_en}. Compare the head {head}"
    )
    last = {one.said.venue: one.said for one in checked.answers}
    if last:
        told_zh += ";互认:" + "、".join(
            f"{v} {VERDICT_TERMS[one.verdict].zh}" for v, one in sorted(last.items())
        )
        told_en += ". Other venues: " + ", ".join(
            f"{v} {VERDICT_TERMS[one.verdict].en}" for v, one in sorted(last.items())
        )
    return told_zh, told_en


def as_json(checked: Checked) -> str:
    """The same as one line: session, venue, seat, key, counts, `signed_at`, `record`, `head`, `answers`."""
    found = checked.handover
    value: dict[str, Any] = {
        "session": found.session,
        "venue": found.venue,
        "seat": found.seat,
        "key": checked.key,
        "observations": len(found.observations),
        "remarks": len(found.remarks),
        "bound_at": checked.bound_at,
        "signed_at": checked.signed_at,
        "record": checked.record.hex(),
        "head": {"size": found.size, "root": found.root.hex()},
        "answers": [
            {
                "venue": one.said.venue, "by": one.said.by, "verdict": one.said.verdict,
                "reason": one.said.reason, "seq": one.seq, "at": one.at,
            }
            for one in checked.answers
        ],
    }  # fmt: skip
    return msgspec.json.encode(value).decode()


def _make(record: Record, state: State, folder: Path, stem: str) -> tuple[Made, ...]:
    seats = handover.seats(record)
    if not seats:
        raise Trouble(
            f"会话 {record.session} 中尚无见证人员签署见证记录,没有可出具的见证书。请在见证人员签署后重试。",
            f"No witness has signed a record in session {record.session} yet, so there is no certificate to "
            "make. Try again once a witness has signed.",
            WRONG,
        )
    return tuple(_one(record, state, seat, folder / f"{stem}-{seat}") for seat in seats)


def papers(record: Record, state: State, *, certificates: bool = True) -> dict[str, bytes]:
    """Lists, and certificates where wanted, by the names that an archive has for them (SPEC 26).

    Raises:
      Trouble: a character has no font here (1).
    """
    found: dict[str, bytes] = {}
    for seat in handover.seats(record):
        checked = _checked(record, seat)
        found[f"witness/{seat}.json"] = handover.write(checked.handover)
        if certificates:
            found[f"witness/{seat}.pdf"] = _paper(record, state, checked)
    return found


def _one(record: Record, state: State, seat: str, base: Path) -> Made:
    checked = _checked(record, seat)
    raw = handover.write(checked.handover)
    certificate, listed = base.with_name(f"{base.name}.pdf"), base.with_name(f"{base.name}.json")
    files.write(certificate, _paper(record, state, checked))
    files.write(listed, raw)
    return Made(
        seat, checked.handover.venue, len(checked.handover.observations), checked.signed_at,
        str(certificate), str(listed), hashlib.sha256(raw).hexdigest(),
    )  # fmt: skip


def _checked(record: Record, seat: str) -> Checked:
    """A list that was just made, as whoever gets it sees it."""
    found = handover.handover(record, seat)
    assert not isinstance(found, Refusal), "the seat has signed"
    checked = handover.check(found)
    assert not isinstance(checked, Refusal), "what a replayed record holds can be handed over"
    return checked


def _paper(record: Record, state: State, checked: Checked) -> bytes:
    try:
        return witness_certificate.pdf(witness_certificate.certificate(record, state, checked))
    except GlyphMissing as error:
        raise Trouble(
            f"有文字在现有字体中没有字形,见证书未生成({error})。"
            "请安装字体后重试:apt-get install fonts-noto-cjk。",
            f"A character has no glyph in the fonts here, so no certificate was made ({error}). "
            "Install more fonts and try again: apt-get install fonts-noto-cjk.",
            WRONG,
        ) from error


def _head(typed: str) -> tuple[int, bytes]:
    found = re.fullmatch(r"([0-9]{1,15}):([0-9a-f]{64})", typed)
    if found is None:
        raise Trouble(
            f"树头“{typed}”的写法不对,应为“条数:64 位十六进制”。",
            f"The head “{typed}” is not written as SIZE:ROOT, the root as 64 hexadecimal digits.",
            UNREADABLE,
        )
    return int(found[1]), bytes.fromhex(found[2])


def _trouble(refusal: Refusal, code: int) -> Trouble:
    told = text(refusal)
    return Trouble(told.zh, told.en, code)
