"""Tally, ranking, report, submission, archive: the public side of each.

What the tally's digest hides is recomputed by `checks`; here only order and guards count.
Sources: 87号令 57-61, 12号令 42-45, 实施条例 53.
"""

from protocol.commands import ImportReport, PublishTally, SignReport
from protocol.events import Event, ReportImported, ReportSigned, TallyPublished
from protocol.refusals import Refusal, refuse
from protocol.session import moves
from protocol.session.state import Speaker, State, Track, is_reached


def publish_tally(state: State, track: Track, content: PublishTally) -> tuple[Event, ...] | Refusal:
    """The evaluation's digest, once per round, after all scores are open."""
    if not is_reached(state, "scores_opened", track.lot, track.envelope):
        return refuse("MilestoneAwaited", milestone="scores_opened")
    if track.tally:
        return refuse("AlreadyDone")
    return (TallyPublished(lot=track.lot, envelope=track.envelope, round=track.round, tally=content.tally),)


def import_report(state: State, content: ImportReport) -> tuple[Event, ...] | Refusal:
    """The report's digest; signing may begin."""
    imported = ReportImported(
        source=content.source,
        digest=content.digest,
        signer=content.signer,
        report=content.report,
    )
    moved = moves.move(state, None, "ImportReport")
    return moved if isinstance(moved, Refusal) else (imported, *moved)


def sign_report(state: State, who: Speaker, content: SignReport) -> tuple[Event, ...] | Refusal:
    """A rostered member signs the very report that was imported."""
    if who.seat not in state.roster:
        return refuse("NotCheckedIn", seat=who.seat)
    if state.seats[who.seat].signed:
        return refuse("AlreadyDone")
    if content.report != state.report:
        return refuse("DisclosureMismatch", field="report")
    return (ReportSigned(seat=who.seat, report=content.report),)
