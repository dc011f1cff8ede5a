"""Recordings in the record: an entry for each segment, no number left out, no gap untold (SPEC 31.2).

Source: 355号 九, sound and picture of the whole process are kept.
"""

from protocol import limits
from protocol.commands_live import RecordSegment
from protocol.events_live import SegmentRecorded
from protocol.refusals import refuse
from protocol.session.asked import Asked, Decision


def record(asked: Asked, content: RecordSegment) -> Decision:
    """A venue's next segment of one of its own sources.

    Refused: a source of another place, a number that is not the next, a beginning before the end of the
    segment before, time missing that is told wrongly or without its cause, gaps that are out of order or
    beyond the segment.
    """
    venue = asked.who.venue
    if not content.source.startswith(f"{venue}.") or content.source == f"{venue}.":
        return refuse("SourceElsewhere", source=content.source, venue=venue)
    before = asked.state.live.recorded.get(content.source)
    due = 1 if before is None else before.segments + 1
    if content.number != due:
        return refuse("SegmentOutOfOrder", source=content.source, number=content.number, due=due)
    missing = 0 if before is None else content.began_at - before.ended_at
    if missing < 0:
        return refuse("SegmentOverlaps", source=content.source, number=content.number)
    untold = (missing > limits.RECORDED_SEAM_MS_MAX) != bool(content.cause)
    if content.missing_ms != missing or untold:
        return refuse("GapUntold", source=content.source, missing_ms=missing)
    at = 0
    for gap in content.gaps:
        if gap.at_ms < at or gap.at_ms + gap.duration_ms > content.duration_ms:
            return refuse("GapUntold", source=content.source, missing_ms=gap.duration_ms)
        at = gap.at_ms + gap.duration_ms
    return (
        SegmentRecorded(
            venue=venue, source=content.source, number=content.number, began_at=content.began_at,
            duration_ms=content.duration_ms, octets=content.octets, digest=content.digest,
            codecs=content.codecs, frames=content.frames, missing_ms=content.missing_ms,
            cause=content.cause, gaps=content.gaps,
        ),
    )  # fmt: skip
