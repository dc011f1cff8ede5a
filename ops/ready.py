"""A session that is ready for its people: found again, or prepared up to check-in, with its codes shown.

Owns which session a start goes on with. Plays the agent through the main venue's real socket; who has no
page yet gets no code. Must not know processes.
"""

from msgspec.structs import replace

from ops import senses, show
from ops.installation import Installation
from ops.people import notebook, script
from ops.people.notebook import Note
from ops.people.play import Play
from ops.senses import Dice
from protocol.plan.case import Case

WITHOUT_CODES = ("SUBMITTED", "ARCHIVED", "FAILED")
"""Phases in which no seat takes a code any more: a session there is over for people."""


async def ready_session(found: Installation, case: Case, *, explicit: bool, rules: str = "") -> Note:
    """Find the open session or prepare a new one up to check-in, and show its codes.

    Args:
      found: the installation, whose stack runs.
      case: what a new session is made from.
      explicit: the case was named on the command line, so another case's session is not meant.
      rules: the version that was named there, so a session by another is left lying; empty for none.
    """
    note = notebook.current(found, case.id if explicit else "", rules)
    while note is not None:
        kept = script.load(notebook.case_path(found, note.session))
        play = Play(found, kept, note.session, Dice(found.seed))
        async with play.open():
            phase = await play.phase()
            if phase is not None and phase not in WITHOUT_CODES:
                return await _show_codes(found, play, note, kept, booked=True)
        notebook.put(found, replace(note, ended=True))
        note = notebook.current(found, case.id if explicit else "", rules)
    case = script.with_public_times(case, senses.now_ms())
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
    show.codes(found, case.plan.title, note.session, note.seats, codes, show.asked())
    if not codes:
        show.notice(
            "招标代理席位已由人接管:新的代码请在招标代理页面发放。",
            "A person holds the agent's seat: new codes are issued on the agent's page.",
        )
    if case.plan.notice_zh:
        show.notice(case.plan.notice_zh, case.plan.notice_en)
    return note
