"""`tongchang receipt`: whether a receipt shows that an act was accepted, by a policy from elsewhere.

Owns what a person is told and the exit code: 0 it holds, 1 it does not, 2 it cannot be decided (a file cannot
be read, the entry is not there). Needs no network and no installation. The rules are
`protocol.ledger.receipt`'s; beside them the entry must be canonical, stand at its own `seq` in the log of
its session, and be signed by its author. Who of the policy has not cosigned the receipt's head owes
it (待补签); since which milestone, and when that was settled, tells the session's record, which
the head proves.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from ops import owed
from ops.owed import Late
from ops.trouble import Trouble
from protocol import entry
from protocol.canonical import NotCanonical
from protocol.entry import Entry
from protocol.ledger import quorum, receipt, tree
from protocol.ledger.note import NoteError
from protocol.ledger.quorum import Judged, NotEnough, Policy, PolicyError
from protocol.ledger.receipt import Receipt
from protocol.ledger.tree import ProofError
from protocol.seal import signing

HOLDS, WRONG, UNDECIDED = 0, 1, 2


def check(
    path: Path, policy_path: Path, entry_path: Path | None, as_json: bool, record_path: Path | None = None
) -> int:
    """Check a receipt, tell what it shows, and return the exit code.

    Args:
      path: the receipt, a tlog-proof.
      policy_path: the trust policy, a tlog-policy that did not come with the receipt.
      entry_path: the entry's canonical bytes, where the receipt does not bring them along.
      as_json: whether one JSON object is printed instead of sentences.
      record_path: the session's record or archive, by which it is told who has owed since which milestone.

    Raises:
      Trouble: it cannot be decided (2).
    """
    policy = _policy(policy_path)
    try:
        read = receipt.read(_read(path))
    except NoteError as error:
        return _wrong("form", f"不是存证回执:{error}", f"No receipt: {error}", as_json)
    raw = read.extra if entry_path is None else _read(entry_path)
    if raw is None:
        raise Trouble(
            "回执中没有记录条目。请用 --entry FILE 指定条目文件。",
            "The receipt does not bring its entry along. Name the file that holds it with --entry FILE.",
            UNDECIDED,
        )
    try:
        judged = receipt.verify(read, tree.leaf_hash(raw), policy)
        found = _entry(raw, read, judged)
        late = () if record_path is None else owed.told(record_path, judged.head)
    except NotEnough as error:
        missing = "、".join(error.missing)
        return _wrong("quorum", f"联署未达到信任策略的要求,缺少:{missing}", str(error), as_json)
    except NoteError as error:
        return _wrong(
            "checkpoint", f"检查点不可信:{error}", f"The checkpoint does not hold: {error}", as_json
        )
    except ProofError as error:
        return _wrong("proof", f"证明不成立:{error}", f"The proof does not hold: {error}", as_json)
    except _EntryWrong as error:
        return _wrong("entry", f"记录条目不成立:{error}", f"The entry does not hold: {error}", as_json)
    except owed.RecordForeign as error:
        return _wrong("record", f"会话记录与回执的检查点不符:{error}", f"The record: {error}", as_json)
    _tell(found, judged, policy, late, as_json)
    return HOLDS


class _EntryWrong(Exception):
    """The bytes are in the log, but are no entry that says what it should."""


def _entry(raw: bytes, read: Receipt, judged: Judged) -> Entry:
    try:
        found = entry.decode(raw)
    except NotCanonical as error:
        raise _EntryWrong(f"not canonical: {error}") from error
    if found.seq != read.index or found.command.session != found.session:
        raise _EntryWrong(f"it is entry {found.seq} of {found.session}, not {read.index}")
    if judged.head.origin.rpartition("/")[2] != found.session:
        raise _EntryWrong(f"it is of {found.session}, the log is {judged.head.origin}")
    if not signing.verify_command(found.command, found.sig):
        raise _EntryWrong("its author has not signed it")
    return found


def _tell(found: Entry, judged: Judged, policy: Policy, late: tuple[Late, ...], as_json: bool) -> None:
    times = {one.name: one.time_s for one in judged.note.verified}
    owing = [one.name for one in policy.cosigners if one.name not in judged.cosigned]
    told: dict[str, Any] = {
        "holds": True,
        "origin": judged.head.origin,
        "seq": found.seq,
        "at": found.at,
        "type": found.command.type,
        "author": found.command.author_key,
        "size": judged.head.size,
        "root": judged.head.root.hex(),
        "cosigned": list(judged.cosigned),
        "times": times,
        "owed": owing,
        "milestones": [msgspec.structs.asdict(one) for one in late],
    }
    if as_json:
        print(json.dumps(told, ensure_ascii=False), flush=True)
        return
    print(f"✓ 回执成立 / the receipt holds: {found.command.type}, {judged.head.origin} #{found.seq}")
    print(f"  检查点 / checkpoint: {judged.head.size} · {judged.head.root.hex()}")
    print(f"  联署 / cosigned by: {', '.join(judged.cosigned) or '-'}")
    print(f"  待补签 / owed under this head: {', '.join(owing) or '-'}")
    for one in late:
        print(f"  {one.zh}\n    {one.en}")
    sys.stdout.flush()


def _wrong(rule: str, zh: str, en: str, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"holds": False, "rule": rule, "zh": zh, "en": en}, ensure_ascii=False), flush=True)
    else:
        print(f"✗ {zh}\n  {en}", flush=True)
    return WRONG


def _policy(path: Path) -> Policy:
    try:
        return quorum.read(_read(path))
    except PolicyError as error:
        raise Trouble(
            f"{path} 不是信任策略({error})。请使用开评前取得的策略文件。",
            f"{path} is no trust policy ({error}). Use the file that you were given before the session.",
            UNDECIDED,
        ) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble(
            f"无法读取 {path}({error.strerror})。请核对路径。",
            f"Cannot read {path} ({error.strerror}). Check the path.",
            UNDECIDED,
        ) from error
