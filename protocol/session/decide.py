"""Deciding: `decide(state, command, at, entropy) -> events | Refusal`, public fields only.

First the header (who speaks, is it the author's next act, does the record it builds on
match), then the phase table, then the act's own rule in its room. Whoever replays an entry
with its recorded `at` and `entropy` gets the same events. Signatures are `apply`'s, hidden
inputs are `checks`'.
"""

from protocol import commands as cmd
from protocol import limits
from protocol.commands import NO_HEAD, Command, Head
from protocol.refusals import Refusal, refuse
from protocol.session import booking, checkin, closing, deadlines, moves, opening, scoring, witnessing
from protocol.session.asked import Asked, Deciding, Decision
from protocol.session.ceremony import acts as ceremony
from protocol.session.committee import acts as committee
from protocol.session.escrow import acts as escrow
from protocol.session.identity import acts as identity
from protocol.session.identity import voices
from protocol.session.live import acts as live
from protocol.session.milestones import acts as milestones
from protocol.session.oversight import acts as oversight
from protocol.session.phases import CURRENT, RULES, Act
from protocol.session.recognition import acts as recognition
from protocol.session.review import acts as review
from protocol.session.signatures import acts as signatures
from protocol.session.state import Speaker, State, Track, head, speaker, track
from protocol.session.turns import acts as turns
from protocol.session.turns.rows import SEALED
from protocol.words import SESSION_STAGE, track_name

_RULED: dict[type, Deciding] = {
    **committee.RULED, **review.RULED, **turns.RULED,
    **milestones.RULED, **identity.RULED, **ceremony.RULED, **escrow.RULED, **signatures.RULED, **live.RULED,
    **recognition.RULED,
    **oversight.RULED,
}  # fmt: skip
"""The rules of version 3's and version 4's groups, by the form of the act's content."""

_BEFORE_CHECK_IN = frozenset({"BindSeat", "DelegateSeatKey", "CheckIn", "DeclareRecusal"})


def decide(state: State | None, command: Command, at: int, entropy: bytes) -> Decision:
    """What a command causes, or why it is refused.

    Args:
      state: as of all entries before; None before genesis.
      command: its signature already verified by whoever calls.
      at: the entry's clock, ms; not less than `state.at`.
      entropy: 32 bytes, recorded in the entry; acts that draw lots use nothing else.
    """
    if state is None:
        return _genesis(command, at)
    if isinstance(command.content, cmd.BookSession):
        return refuse("SessionExists", session=command.session)
    if command.session != state.session:
        return refuse("WrongSession", session=command.session)
    row = RULES[state.rules_version].acts.get(command.type)
    if row is None:
        return refuse("UnknownCommand", type=command.type)
    if not row.available:
        return refuse("NotYetAvailable", type=command.type, version=state.rules_version)
    who = speaker(state, command.author_key)
    fault = (
        _author_fault(row, command, who)
        or _unseated(state, row, who)
        or _order_fault(state, command, who, at)
        or _place_fault(state, command, row)
        or _unvoiced(state, row, command, who, at)
    )
    if fault is not None:
        return fault
    ruled = _RULED.get(type(command.content))
    if ruled is not None and who is not None and command.type in RULES[state.rules_version].grown:
        return ruled(Asked(state, track(state, command.stage), command, who, at, entropy), command.content)
    return _act(state, command, who, at)


def unread(state: State | None, type_: str) -> Refusal:
    """The refusal of a command whose type has no content form here."""
    version = CURRENT if state is None else state.rules_version
    if type_ in RULES[version].acts:
        return refuse("NotYetAvailable", type=type_, version=version)
    return refuse("UnknownCommand", type=type_)


def seen_is_ours(state: State, seen: Head) -> bool:
    """Heads within the kept window are compared; older ones by whoever holds the entries."""
    if seen.size == 0:
        return seen == NO_HEAD
    if seen.size > state.size:
        return False
    oldest = state.heads[0].size if state.heads else 0
    return seen.size < oldest or state.heads[seen.size - oldest] == seen


def _genesis(command: Command, at: int) -> Decision:
    if not isinstance(command.content, cmd.BookSession):
        return refuse("UnknownSession", session=command.session)
    if command.author_seq < 1:
        return refuse("OutOfOrder", given=command.author_seq, last=0)
    if command.seen != NO_HEAD:
        return refuse("SeenUnknown", size=command.seen.size)
    return _clock_fault(command, at) or booking.book(command, command.content)


def _author_fault(row: Act, command: Command, who: Speaker | None) -> Refusal | None:
    if who is None:
        known = isinstance(command.content, cmd.BindSeat)
        return None if known else refuse("UnknownAuthor")
    if who.role not in row.roles:
        allowed = ", ".join(row.roles)
        return refuse("NotAllowed", role=who.role, type=command.type, allowed=allowed)
    return None


def _unseated(state: State, row: Act, who: Speaker | None) -> Refusal | None:
    """Under version 3 a member does nothing before the undertaking (12号令 12; 87号令 45)."""
    if who is None or who.role != "expert" or row.type in _BEFORE_CHECK_IN:
        return None
    if not RULES[state.rules_version].grown or state.seats[who.seat].checked_in:
        return None
    return refuse("NotCheckedIn", seat=who.seat)


def _unvoiced(state: State, row: Act, command: Command, who: Speaker | None, at: int) -> Refusal | None:
    """Under version 4 a one-time code makes no score, vote or signature, and a revoked key nothing at all."""
    if who is None or "DelegateSeatKey" not in RULES[state.rules_version].acts:
        return None
    return voices.fault(state, row.type, command.author_key, who, at)


def _order_fault(state: State, command: Command, who: Speaker | None, at: int) -> Refusal | None:
    """The author's own number rises, and the record it has seen is ours."""
    if who is not None and who.role == "installation":
        if command.author_seq != 0:
            return refuse("OutOfOrder", given=command.author_seq, last=0)
        return None if command.seen == NO_HEAD else refuse("SeenUnknown", size=command.seen.size)
    last = state.author_seqs.get(command.author_key, 0)
    if command.author_seq <= last:
        return refuse("OutOfOrder", given=command.author_seq, last=last)
    if not seen_is_ours(state, command.seen):
        return refuse("SeenUnknown", size=command.seen.size)
    return _clock_fault(command, at)


def _clock_fault(command: Command, at: int) -> Refusal | None:
    if abs(command.author_at - at) > limits.AUTHOR_CLOCK_SKEW_MS_MAX:
        return refuse("ClockTooFar", limit_h=limits.AUTHOR_CLOCK_SKEW_MS_MAX // 3_600_000)
    return None


def _place_fault(state: State, command: Command, row: Act) -> Refusal | None:
    """The stage exists, the round is the present one, the phase is one of the act's."""
    stage = command.stage
    name = track_name(stage.lot, stage.envelope)
    phase = state.phase
    if stage == SESSION_STAGE:
        if row.scope == "stage":
            return refuse("UnknownStage", stage=name)
    else:
        found = track(state, stage)
        if found is None or row.scope == "session":
            return refuse("UnknownStage", stage=name)
        if stage.round != found.round:
            return refuse("WrongRound", given=stage.round, round=found.round)
        if row.scope == "stage":
            if state.phase in SEALED:
                return refuse("SessionSealed", phase=state.phase, type=command.type)
            phase = found.phase
    if phase not in row.phases:
        return refuse("WrongPhase", phase=phase, type=command.type, wanted=", ".join(row.phases))
    return None


def _act(state: State, command: Command, who: Speaker | None, at: int) -> Decision:
    """The act's own rule; header and table have been met."""
    here = track(state, command.stage)
    if isinstance(command.content, cmd.NoteObservation) and who is not None:
        return witnessing.note(state, here, command, who, command.content)
    if here is not None and not isinstance(command.content, cmd.ReachMilestone):
        return _stage_act(state, here, command, who, at)
    match command.content:
        case cmd.ImportCommittee() as content:
            return booking.import_committee(state, content)
        case cmd.BindSeat() as content:
            return booking.bind_seat(state, command, content)
        case cmd.LockRoster():
            return checkin.lock_roster(state)
        case cmd.ImportReport() as content:
            return closing.import_report(state, content)
        case cmd.ReachMilestone() as content:
            return deadlines.reach(state, command.stage, head(state), content)
        case cmd.NoteRefusal() as content:
            return deadlines.note_refusal(content)
        case cmd.CheckIn() as content if who is not None:
            return checkin.check_in(state, who, content)
        case cmd.SignReport() as content if who is not None:
            return closing.sign_report(state, who, content)
        case cmd.SignWitnessRecord() as content if who is not None:
            return witnessing.sign_record(state, who, content)
    return moves.move(state, None, command.type)


def _stage_act(state: State, here: Track, command: Command, who: Speaker | None, at: int) -> Decision:
    match command.content:
        case cmd.ImportOpening() as content:
            return opening.import_opening(state, here, content)
        case cmd.DrawK() as content:
            return opening.draw_k(here, content)
        case cmd.ImportPreliminary() as content:
            return opening.import_preliminary(state, here, content)
        case cmd.PublishTally() as content:
            return closing.publish_tally(state, here, content)
        case cmd.RaiseOverrun() as content:
            return deadlines.overrun(state, here, at, content)
        case cmd.ReadOut() as content if who is not None:
            return witnessing.read_out(here, who, content)
        case cmd.SignOpeningRecord() as content if who is not None:
            return witnessing.sign_opening(state, here, who, content)
        case cmd.SealSheet() as content if who is not None:
            return scoring.seal_sheet(state, here, who, content)
        case cmd.TryOpening() as content if who is not None:
            return scoring.try_opening(state, here, who, content)
        case cmd.OpenSheet() as content if who is not None:
            return scoring.open_sheet(state, here, who, content)
    return moves.move(state, here, command.type)
