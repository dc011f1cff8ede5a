"""`tongchang up`: everything on this machine, a landing page that leads through it, until Ctrl-C.

Owns the order: installation, the landing page's door, processes, session, the table of who opens what. A
second start finds installation and session again and issues fresh codes. Without a landing page the session
is brought to check-in, as people in a terminal need it.
"""

import asyncio
import contextlib
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from ops import backing, installation, places, porter, rehearsals, senses, show, stack, stopping
from ops.backing import Size
from ops.installation import Installation
from ops.landing.lines import Lines
from ops.people import script
from ops.scripts import tenders
from ops.stack import Stack
from protocol.plan.case import Case

if TYPE_CHECKING:
    from ops.landing.demonstration import Demonstration
    from ops.landing.door import Door


SHOWN_BY = "4"
"""By which version of the rules the landing page begins with the sample."""


class Options(Struct, frozen=True, kw_only=True):
    """What the command line says; `case` None is the sample, or the session that is open already."""

    data: Path
    ports_from: int | None = None
    case: Path | None = None
    seed: str = ""
    session: bool = True
    restart: bool = True
    size: Size = Size()
    landing: bool = True
    rules: str = ""
    """The version of the rules that was named; empty for the case's own, 4 for the sample."""
    browser: bool = True
    """Whether the landing page is opened where there is a desktop."""


async def up(options: Options) -> None:
    """Start, show who opens what, and stay until told to stop.

    Raises:
      Trouble: a port is taken, a process does not come up, or the session cannot be prepared.
    """
    case = None
    if options.session or options.landing:
        rules = options.rules or (SHOWN_BY if options.case is None else "")
        case = tenders.held(options.case, rules)
        script.require_committee(case)
    stack.require_stopped(options.data)
    found = installation.ensure(
        options.data,
        now_ms=senses.now_ms(),
        places=places.of_case(case) if case is not None else installation.DEFAULT_PLACES,
        ports_from=options.ports_from,
        seed=options.seed,
        shape=backing.shape(options.data, options.size, script.rules_of(case) if case is not None else ""),
    )
    if options.session or options.landing:
        installation.require_practice(found)
    if case is not None:
        rehearsals.remind(found, case.plan.tender, senses.now_ms())
    stop = asyncio.Event()
    serve = _with_landing if options.landing else _without_landing
    with stopping.stop_signals(stop.set):
        await stopping.until_stopped(serve(found, case, options), stop)
    show.notice("已停止。", "Stopped.")


async def _without_landing(found: Installation, case: Case | None, options: Options) -> None:
    """Start the stack and keep it until cancelled; it is stopped either way.

    The room that meets the sockets is read while the processes start, so that nobody waits for it.
    """
    running = Stack(found, restart=options.restart, tell=show.notice)
    reading = asyncio.create_task(asyncio.to_thread(importlib.import_module, "ops.ready"))
    await running.start()
    try:
        await reading
        await running.unless_broken(_welcome(found, case if options.session else None, options))
    finally:
        await running.stop()


async def _welcome(found: Installation, case: Case | None, options: Options) -> None:
    if case is None:
        show.addresses(found)
        show.enrolment(found, installation.enrolment_code(found))
    else:
        from ops import ready  # noqa: PLC0415 - read above, in the meantime

        note = await ready.ready_session(found, case, explicit=options.case is not None, rules=options.rules)
        documents = asyncio.create_task(porter.put(found, note.session))
        documents.add_done_callback(_documents_put)
    await _stay(found)


def _documents_put(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        show.notice(f"示例文件未能放置:{task.exception()}", f"No documents were put: {task.exception()}")


async def _with_landing(found: Installation, case: Case | None, options: Options) -> None:
    """The same with the landing page, which is there before the processes are."""
    assert case is not None
    lines = Lines(found)
    running = Stack(found, restart=options.restart, tell=show.notice, before=lines.open)
    async with contextlib.AsyncExitStack() as leaving:
        leaving.push_async_callback(lines.close)
        leaving.push_async_callback(running.stop)
        opening = asyncio.create_task(_open(running, lines, case, options, leaving))
        try:
            await running.start()
            shown, door = await opening
        except BaseException:
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            raise
        await running.unless_broken(_show(shown, door, case, options))


async def _open(
    running: Stack, lines: Lines, case: Case, options: Options, leaving: contextlib.AsyncExitStack
) -> tuple["Demonstration", "Door"]:
    """Read the landing page's rooms while the processes start, and open its door."""
    room = await asyncio.to_thread(importlib.import_module, "ops.landing.ready")
    shown, door = await room.open_door(running, lines, case, browser=options.browser)
    leaving.push_async_callback(shown.stop)
    leaving.push_async_callback(door.close)
    return shown, door


async def _show(shown: "Demonstration", door: "Door", case: Case, options: Options) -> None:
    from ops.landing import ready  # noqa: PLC0415 - read above, in the meantime

    if options.session:
        await ready.ready_session(shown, case, explicit=options.case is not None, rules=options.rules)
    else:
        await shown.start(None, None, booked=False)
        show.addresses(shown.installation)
        show.enrolment(shown.installation, installation.enrolment_code(shown.installation))
    show.landing(door.url)
    await _stay(shown.installation)


async def _stay(found: Installation) -> None:
    show.notice(f"日志:{found.logs}。按 Ctrl-C 停止。", f"Logs: {found.logs}. Press Ctrl-C to stop.")
    await asyncio.Event().wait()
