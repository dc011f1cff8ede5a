"""The notebook: which sessions were prepared from which case, for a second start and for `act`.

Owns `people/sessions.json` and the copies of cases beside it, all without what is expected of them. It is
a convenience: the sessions themselves lie with the coordinator and the venues.
"""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ops import files
from ops.installation import Installation
from ops.people import script
from ops.people.tempo import Pace
from ops.trouble import Trouble
from protocol import limits
from protocol.plan.case import Case


class Note(Struct, frozen=True, forbid_unknown_fields=True):
    """A session, the id of its case, its seats as (seat, role, venue), and those given to persons.

    How it is played: `pace`, and the breakpoints in `armed` (None: those that stand at first). `script` is
    the scripted evaluation that it is, empty for none.
    """

    session: str
    case: str
    seats: tuple[tuple[str, str, str], ...] = ()
    ended: bool = False
    persons: tuple[str, ...] = ()
    pace: Pace = "brisk"
    armed: tuple[str, ...] | None = None
    script: str = ""


def notes(installation: Installation) -> tuple[Note, ...]:
    """All sessions noted so far, the newest last.

    Raises:
      Trouble: the notebook is damaged.
    """
    raw: Any = files.read_json(_path(installation)) or []
    try:
        return msgspec.convert(raw, tuple[Note, ...])
    except msgspec.ValidationError as error:
        raise Trouble(
            f"{_path(installation)} 已损坏({error})。请将其移开后重试。",
            f"{_path(installation)} is damaged ({error}). Move it away and try again.",
        ) from error


def current(installation: Installation, case: str = "", rules: str = "") -> Note | None:
    """The newest session that has not ended, of a case and by a version of the rules where they are named.

    Raises:
      Trouble: the notebook, or the kept case of a session, is damaged.
    """
    for note in reversed(notes(installation)):
        if note.ended or case not in ("", note.case):
            continue
        if rules in ("", script.rules_of(script.load(case_path(installation, note.session)))):
            return note
    return None


def put(installation: Installation, note: Note) -> None:
    """Note a session, or what is new about it."""
    others = [one for one in notes(installation) if one.session != note.session]
    files.write_json(_path(installation), msgspec.to_builtins([*others, note]))


def new_session(installation: Installation, case: Case) -> str:
    """An id that no noted session has: the case's, with a number after the first."""
    taken = {note.session for note in notes(installation)}
    name, number = case.id, 1
    while name in taken:
        number += 1
        tail = f"-{number}"
        name = case.id[: limits.ID_CHARS_MAX - len(tail)] + tail
    return name


def begin(installation: Installation, case: Case, script_: str = "") -> Note:
    """Note a new session of a case, or of a scripted evaluation, with an id of its own."""
    session = new_session(installation, case)
    keep_case(installation, session, case)
    note = Note(session, case.id, script=script_)
    put(installation, note)
    return note


def end(installation: Installation, session: str) -> None:
    """Note that a session is over for its people."""
    for note in notes(installation):
        if note.session == session:
            put(installation, replace(note, ended=True))


def keep_case(installation: Installation, session: str, case: Case) -> None:
    """Keep the case of a session, without what is expected."""
    script.keep(case, case_path(installation, session))


def case_path(installation: Installation, session: str) -> Path:
    """Where the case of a session is kept."""
    return installation.people / f"case-{session}.json"


def _path(installation: Installation) -> Path:
    return installation.people / "sessions.json"
