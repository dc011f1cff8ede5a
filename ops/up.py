"""`tongchang up`: everything on this machine, the sample session ready for people, until Ctrl-C.

Owns the order: installation, processes, session up to check-in, the table of who opens what. A second start
finds installation and session again and issues fresh codes.
"""

import asyncio
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console

from ops import installation, places, senses, show, stack
from ops.installation import Installation
from ops.people import notebook, script
from ops.people.notebook import Note
from ops.people.play import Play
from ops.senses import Dice
from ops.stack import Stack
from protocol.plan.case import Case

WITHOUT_CODES = ("SUBMITTED", "ARCHIVED", "FAILED")
"""Phases in which no seat takes a code any more: a session there is over for people."""


class Options(Struct, frozen=True, kw_only=True):
    """What the command line says; `case` None is the sample, or the session that is open already."""

    data: Path
    ports_from: int | None = None
    case: Path | None = None
    seed: str = ""
    session: bool = True
    restart: bool = True


async def up(options: Options) -> None:
    """Start, show who opens what, and stay until told to stop.

    Raises:
      Trouble: a port is taken, a process does not come up, or the session cannot be prepared.
    """
    case = script.load(options.case or places.sample_case()) if options.session else None
    found = installation.ensure(
        options.data,
        now_ms=senses.now_ms(),
        places=places.of_case(case) if case is not None else installation.DEFAULT_PLACES,
        ports_from=options.ports_from,
        seed=options.seed,
    )
    running = Stack(found, restart=options.restart, tell=show.notice)
    stop = asyncio.Event()
    with stack.stop_signals(stop.set):
        await stack.until_stopped(_serve(running, case, options), stop)
    show.notice("已停止。", "Stopped.")


async def _serve(running: Stack, case: Case | None, options: Options) -> None:
    """Start the stack and keep it until cancelled; it is stopped either way."""
    await running.start()
    try:
        await running.unless_broken(_welcome(running.installation, case, options))
    finally:
        await running.stop()


async def _welcome(found: Installation, case: Case | None, options: Options) -> None:
    if case is None:
        show.addresses(found)
        show.enrolment(found, installation.enrolment_code(found))
    else:
        await ready_session(found, case, explicit=options.case is not None)
    show.notice(f"日志:{found.logs}。按 Ctrl-C 停止。", f"Logs: {found.logs}. Press Ctrl-C to stop.")
    await asyncio.Event().wait()


async def ready_session(found: Installation, case: Case, *, explicit: bool) -> Note:
    """Find the open session or prepare a new one up to check-in, and show its codes.

    Args:
      found: the installation, whose stack runs.
      case: what a new session is made from.
      explicit: the case was named on the command line, so another case's session is not meant.
    """
    note = notebook.current(found, case.id if explicit else "")
    while note is not None:
        kept = script.load(notebook.case_path(found, note.session))
        play = Play(found, kept, note.session, Dice(found.seed))
        async with play.open():
            phase = await play.phase()
            if phase is not None and phase not in WITHOUT_CODES:
                return await _show_codes(found, play, note, kept, booked=True)
        notebook.put(found, replace(note, ended=True))
        note = notebook.current(found, case.id if explicit else "")
    session = notebook.new_session(found, case)
    notebook.keep_case(found, session, case)
    note = Note(session, case.id)
    notebook.put(found, note)
    play = Play(found, case, session, Dice(found.seed))
    async with play.open():
        return await _show_codes(found, play, note, case, booked=False)


async def _show_codes(found: Installation, play: Play, note: Note, case: Case, *, booked: bool) -> Note:
    if not note.seats:
        await play.prepare(booked=booked)
        note = replace(note, seats=tuple((one.seat, one.role, one.venue) for one in play.seats()))
        notebook.put(found, note)
    codes = await play.codes_unless_taken(tuple(seat for seat, _, _ in note.seats))
    show.codes(found, case.plan.title, note.session, note.seats, codes, Console(highlight=False))
    if not codes:
        show.notice(
            "招标代理席位已由人接管:新的代码请在招标代理页面发放。",
            "A person holds the agent's seat: new codes are issued on the agent's page.",
        )
    if case.plan.notice_zh:
        show.notice(case.plan.notice_zh, case.plan.notice_en)
    return note
