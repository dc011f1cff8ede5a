"""Lines: one entry as a subscriber of a role sees it, in public fields of the entry alone.

Every `seq` is a line for everybody, as its leaf hash at the least, so that a gap is always visible (DESIGN
1.5). What kind of act it is, whose and about what is told where the allow-table shows it. Hidden values are
not in an entry, and therefore in no line. Source: SPEC 10.5.
"""

from collections.abc import Iterator

from protocol import commands as cmd
from protocol import commands_draw as draw
from protocol import commands_escrow as escrow
from protocol import commands_live as live
from protocol import commands_oversight as oversight
from protocol import commands_recognition as recognition
from protocol import commands_turns as turns
from protocol import events as ev
from protocol.entry import Entry
from protocol.events_oversight import Intervened
from protocol.projection import visibility
from protocol.session.state import State, speaker
from protocol.views import Line
from protocol.words import Role

_MINUTE_MS = 60_000


def line(state: State, entry: Entry, leaf: bytes, role: Role) -> Line:
    """One entry as a subscriber of a role sees it; its leaf hash always.

    Args:
      state: as of after the entry (so that its author is known).
      entry: the entry.
      leaf: its RFC 6962 leaf hash.
      role: the subscriber's.
    """
    command = entry.command
    if not visibility.line_shown(command.type, role):
        return Line(entry.seq, entry.at, leaf, "", "", "", "", ())
    who = speaker(state, command.author_key)
    name, venue, as_ = ("", "", "") if who is None else (who.seat or who.role, who.venue, who.role)
    about = dict(_about(entry))
    if role == "bidder":
        name, venue, as_, about = "", "", "", {}
    events = tuple(str(type(event).__struct_config__.tag) for event in entry.events)
    return Line(
        entry.seq, entry.at, leaf, command.type, name, command.stage.lot,
        command.stage.envelope, events, venue, as_, about,
    )  # fmt: skip


def lines(state: State, entry: Entry, leaf: bytes, roles: tuple[Role, ...]) -> dict[Role, Line]:
    """The lines of one entry for several roles; equal ones are one object. See `line` for the rest."""
    found: dict[Role, Line] = {}
    for role in roles:
        shown = line(state, entry, leaf, role)
        found[role] = next((one for one in found.values() if one == shown), shown)
    return found


def _about(entry: Entry) -> Iterator[tuple[str, str]]:
    """What the act is about, by name."""
    content = entry.command.content
    match content:
        case cmd.NoteRefusal():
            yield from (("seat", content.seat), ("act", content.command_type), ("code", content.code))
        case cmd.BindSeat() | cmd.TryOpening() | cmd.OpenSheet():
            yield "seat", content.seat
        case escrow.EscrowSheet() | escrow.AcknowledgeEscrow() | escrow.ReleaseEscrow():
            yield "seat", content.seat
        case cmd.NoteObservation():
            yield from (("item", content.item), ("finding", content.finding), ("subject", content.subject))
        case recognition.AcceptWitnessRecord():
            yield from (("seat", content.seat), ("verdict", content.verdict), ("code", content.reason))
        case cmd.ReadOut():
            yield "bidder", content.bidder
        case cmd.DrawK():
            yield from (("rate", content.rate), ("k", content.k))
        case draw.ReplaceMember():
            yield from (("seat", content.seat), ("successor", content.successor))
        case draw.CallReplacement() | draw.ConfirmIdentity() | draw.NameChair():
            yield "seat", content.seat
        case turns.ReconfirmSeat() | turns.DeemAgreement():
            yield "seat", content.seat
        case turns.BeginDrawK() | turns.CommitK() | turns.RevealK() | turns.RestartDrawK():
            yield "rate", content.rate
        case live.SetFaceMask():
            yield from (
                ("seat", content.seat), ("masked", "yes" if content.masked else "no"),
                ("reason", content.reason),
            )  # fmt: skip
        case live.RecordRollCall():
            yield from (("shown", str(len(content.shown))), ("missing", str(len(content.missing))))
        case oversight.Intervene():
            yield from (("kind", content.kind), ("scope", content.scope), ("reason", content.reason))
        case oversight.AnswerIntervention():
            yield from (("number", str(content.number)), ("outcome", content.outcome))
        case oversight.NoteAnswerOverdue():
            yield "number", str(content.number)
        case turns.ExtendTime():
            yield "minutes", str(content.added_ms // _MINUTE_MS)
    for event in entry.events:
        match event:
            case ev.PhaseEntered() | ev.StageEntered():
                yield "phase", event.phase
            case ev.MilestoneReached():
                yield from (("milestone", event.milestone), ("owed", ", ".join(event.owed)))
            case Intervened():
                yield "number", str(event.number)
            case ev.OverrunRaised():
                yield "seats", ", ".join(event.seats)
            case ev.OpeningImported():
                yield "bids", str(len(event.bids))
            case ev.OpeningTried():
                yield "ok", "yes" if event.ok else "no"
