"""The group's rules, by the form of the act's content."""

from protocol.commands_live import RecordSegment
from protocol.session.asked import Deciding
from protocol.session.live import recordings

RULED: dict[type, Deciding] = {RecordSegment: recordings.record}
