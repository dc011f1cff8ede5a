"""The landing page made ready: its door opened while the processes start, its session found or begun.

Owns which session a start goes on with, printing the codes for people in a terminal, and opening a browser
where there is a desktop.
"""

import os
import sys
import webbrowser

from ops import show
from ops.installation import Installation
from ops.landing.demonstration import Demonstration
from ops.landing.door import Door
from ops.landing.lines import Lines
from ops.people import notebook, script
from ops.people.notebook import Note
from ops.stack import Stack
from ops.trouble import Trouble
from protocol import wire
from protocol.plan.case import Case


async def open_door(stack: Stack, lines: Lines, case: Case, *, browser: bool) -> tuple[Demonstration, Door]:
    """Serve the landing page, and say where.

    Raises:
      Trouble: its port is taken.
    """
    shown = Demonstration(stack, lines, case)
    door = Door(shown, stack.installation.landing_port)
    await door.open()
    show.landing(door.url)
    if browser and has_desktop():
        webbrowser.open(door.url)
    return shown, door


async def ready_session(shown: Demonstration, case: Case, *, explicit: bool, rules: str = "") -> None:
    """Show the open session, or a new one, and print its codes.

    Args:
      shown: the demonstration, whose stack runs.
      case: what a new session is made from.
      explicit: the case was named on the command line, so another case's session is not meant.
      rules: the version that was named there, so a session by another is left lying; empty for none.

    Raises:
      Trouble: the session cannot be prepared.
    """
    found = shown.installation
    note = notebook.current(found, case.id if explicit else "", rules)
    if note is None:
        note = notebook.begin(found, case)
        await shown.start(note, case, booked=False)
    else:
        case = script.load(notebook.case_path(found, note.session))
        await shown.start(note, case, booked=_is_booked(found, note))
    assert shown.shown is not None
    seats = shown.shown.note.seats
    codes: tuple[wire.SeatCode, ...] = ()
    try:
        codes = await shown.shown.cast.codes()
    except Trouble as trouble:
        show.notice(trouble.zh, trouble.en)
    show.codes(found, case.plan.title, note.session, seats, codes, show.asked())
    if not codes:
        show.notice(
            "招标代理席位已由人接管:新的代码请在招标代理页面发放。",
            "A person holds the agent's seat: new codes are issued on the agent's page.",
        )
    if case.plan.notice_zh:
        show.notice(case.plan.notice_zh, case.plan.notice_en)


def has_desktop() -> bool:
    """Whether somebody sits before this machine who may want a browser opened; never in CI."""
    if os.environ.get("CI"):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _is_booked(found: Installation, note: Note) -> bool:
    """Whether any venue holds a copy of a session."""
    return any(
        (found.config(node.place.node).parent / "sessions" / f"{note.session}.copy").exists()
        for node in found.nodes
    )
