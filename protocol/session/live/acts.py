"""The group's rules, by the form of the act's content."""

from protocol.commands_live import RecordRollCall, RecordSegment, SetFaceMask
from protocol.session.asked import Deciding
from protocol.session.live import faces, recordings, roll_calls

RULED: dict[type, Deciding] = {
    RecordSegment: recordings.record,
    SetFaceMask: faces.set_mask,
    RecordRollCall: roll_calls.record,
}
