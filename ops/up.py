"""`tongchang up`: everything on this machine, the sample session ready for people, until Ctrl-C.

Owns the order: installation, processes, session up to check-in, the table of who opens what. A second start
finds installation and session again and issues fresh codes.
"""

import asyncio
import importlib
from pathlib import Path

from msgspec import Struct

from ops import backing, installation, places, senses, show, stack
from ops.backing import Size
from ops.installation import Installation
from ops.people import notebook, script
from ops.stack import Stack
from protocol.plan.case import Case


class Options(Struct, frozen=True, kw_only=True):
    """What the command line says; `case` None is the sample, or the session that is open already."""

    data: Path
    ports_from: int | None = None
    case: Path | None = None
    seed: str = ""
    session: bool = True
    restart: bool = True
    size: Size = Size()


async def up(options: Options) -> None:
    """Start, show who opens what, and stay until told to stop.

    Raises:
      Trouble: a port is taken, a process does not come up, or the session cannot be prepared.
    """
    case = None
    if options.session:
        case = script.load(options.case or places.sample_case())
        script.require_committee(case)
    found = installation.ensure(
        options.data,
        now_ms=senses.now_ms(),
        places=places.of_case(case) if case is not None else installation.DEFAULT_PLACES,
        ports_from=options.ports_from,
        seed=options.seed,
        shape=backing.shape(options.data, options.size),
    )
    running = Stack(found, restart=options.restart, tell=show.notice)
    stop = asyncio.Event()
    with stack.stop_signals(stop.set):
        await stack.until_stopped(_serve(running, case, options), stop)
    show.notice("已停止。", "Stopped.")


async def _serve(running: Stack, case: Case | None, options: Options) -> None:
    """Start the stack and keep it until cancelled; it is stopped either way.

    The room that meets the sockets is read while the processes start, so that nobody waits for it.
    """
    reading = asyncio.create_task(asyncio.to_thread(importlib.import_module, "ops.ready"))
    await running.start()
    try:
        await reading
        await running.unless_broken(_welcome(running.installation, case, options))
    finally:
        await running.stop()


async def _welcome(found: Installation, case: Case | None, options: Options) -> None:
    if case is None:
        show.addresses(found)
        show.enrolment(found, installation.enrolment_code(found))
    else:
        from ops import ready  # noqa: PLC0415 - read above, in the meantime

        note = await ready.ready_session(found, case, explicit=options.case is not None)
        documents = asyncio.create_task(asyncio.to_thread(_put_documents, found, note.session))
        documents.add_done_callback(_documents_put)
    show.notice(f"日志:{found.logs}。按 Ctrl-C 停止。", f"Logs: {found.logs}. Press Ctrl-C to stop.")
    await asyncio.Event().wait()


def _put_documents(found: Installation, session: str) -> None:
    """Put the sample's documents into the venues' folders; nobody waits, the pages say that it goes on."""
    from ops import shelving  # noqa: PLC0415 - the typesetter is slow to load

    shelving.shelve(found, session, script.load(notebook.case_path(found, session)))


def _documents_put(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        show.notice(f"示例文件未能放置:{task.exception()}", f"No documents were put: {task.exception()}")
