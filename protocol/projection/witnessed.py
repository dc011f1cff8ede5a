"""What witnesses noted and signed, as a role is shown it (SPEC 13.2)."""

from protocol.hidden import Disclosed
from protocol.limits import OBSERVATIONS_SHOWN_MAX
from protocol.projection import visibility
from protocol.session.recognition import accepting
from protocol.session.recognition.state import Answer
from protocol.session.state import State
from protocol.views import ObservationView, RecordAnswerView, RecordingView, WitnessRecordView
from protocol.words import Role


def observations(state: State, disclosed: Disclosed, role: Role) -> tuple[ObservationView, ...]:
    """What witnesses noted last, as many as are shown; remarks for whom the table names."""
    if not visibility.shows("observations", role):
        return ()
    remarks = visibility.allowed(state, "remark", role)
    return tuple(
        ObservationView(
            one.seq, one.at, one.lot, one.envelope, one.round, one.seat, one.venue, one.number, one.item,
            one.finding, one.subject, one.entry, one.noted_at, one.media_offset_ms, one.remark,
            disclosed.get_value(one.remark) if remarks and one.remark else None,
        )
        for one in state.observations[-OBSERVATIONS_SHOWN_MAX:]
    )  # fmt: skip


def records(state: State, disclosed: Disclosed, role: Role) -> tuple[WitnessRecordView, ...]:
    """How far each witness's record has come and which venues have accepted it, in the order of seats."""
    if not visibility.shows("observations", role):
        return ()
    remarks = visibility.allowed(state, "remark", role)
    return tuple(
        WitnessRecordView(
            seat, one.count, one.chain, one.signed,
            state.seats[seat].venue if seat in state.seats else "", one.seq,
            tuple(_answer(disclosed, venue, said, remarks) for venue, said in _answers(state, seat)),
            accepting.awaited_of(state, seat),
        )
        for seat, one in sorted(state.witness_records.items())
    )  # fmt: skip


def _answers(state: State, seat: str) -> list[tuple[str, Answer]]:
    return sorted(state.recognition.answers.get(seat, {}).items())


def _answer(disclosed: Disclosed, venue: str, said: Answer, remarks: bool) -> RecordAnswerView:
    shown = disclosed.get_value(said.remark) if remarks and said.remark else None
    return RecordAnswerView(venue, said.verdict, said.reason, said.by, said.seq, said.at, shown)


def recordings(state: State, role: Role) -> tuple[RecordingView, ...]:
    """What venues have recorded so far; an observation's place is counted by it (SPEC 31.3)."""
    if not visibility.shows("observations", role):
        return ()
    return tuple(
        RecordingView(source, one.venue, one.began_at, one.ended_at, one.segments)
        for source, one in sorted(state.live.recorded.items())
    )
