"""Replaying a record: entries and disclosures alone, no case file, no network, nothing on trust.

Owns reading the file and saying in one sentence what is wrong with it. The rules are `protocol.record`'s.
Ends with 1 when a rule is broken (its code and `seq`), with 2 when the file cannot be read.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ops import result
from ops.result import Result
from ops.side_by_side import SideBySide
from ops.trouble import Trouble
from protocol import record
from protocol.record import Record, RecordRefused
from protocol.session.outcome import OutcomeWithheld
from protocol.session.state import State

UNREADABLE = 2
WRONG = 1
T = TypeVar("T")


def replay(path: Path) -> Result:
    """What the record at a path comes to.

    Raises:
      Trouble: it cannot be read (2), or it breaks a rule (1).
    """
    return replay_bytes(read(path), str(path))


def read(path: Path) -> bytes:
    """The bytes at a path.

    Raises:
      Trouble: it cannot be read (2).
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise Trouble(
            f"无法读取记录文件 {path}({error.strerror})。请核对路径。",
            f"Cannot read the record {path} ({error.strerror}). Check the path.",
            UNREADABLE,
        ) from error


def replay_bytes(raw: bytes, name: str) -> Result:
    """What a record's bytes come to; `name` is for the sentences.

    Raises:
      Trouble: as `replay`.
    """
    return told(raw, name, lambda found, state: result.of(state, found.disclosed))


def told(raw: bytes, name: str, tell: Callable[[Record, State], T]) -> T:
    """What is to be told of a record, once it is read and replayed by all the rules.

    Args:
      raw: the record's bytes.
      name: what it is called, for the sentences.
      tell: what to make of it; may raise `OutcomeWithheld`.

    Raises:
      Trouble: it cannot be read (2), breaks a rule or withholds what must be told (1).
    """
    try:
        found = record.read(raw)
    except RecordRefused as error:
        raise Trouble(
            f"{name} 不是可读的记录文件({error.why or error.code})。请重新取得该文件。",
            f"{name} is no readable record ({error.why or error.code}). Get the file again.",
            UNREADABLE,
        ) from error
    try:
        return tell(found, record.replay(found, SideBySide(os.cpu_count() or 1)))
    except RecordRefused as error:
        raise Trouble(
            f"记录 {name} 不符合规则:第 {error.seq} 条,{error.code}。请勿采信,并通知监督人员。",
            f"The record {name} breaks the rules: entry {error.seq}, {error.code}. "
            "Do not rely on it, and tell a supervisor.",
            WRONG,
        ) from error
    except OutcomeWithheld as error:
        raise Trouble(
            f"记录 {name} 未附披露内容“{error}”,无法得出结果。请取得含披露内容的记录。",
            f"The record {name} comes without the disclosure “{error}”, so no result can be told. "
            "Get a record that holds it.",
            WRONG,
        ) from error
