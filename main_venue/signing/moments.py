"""Moments between our milliseconds and the calendar's form that PDF and CMS want; no clock."""

from datetime import UTC, datetime, timedelta

_START = datetime.fromtimestamp(0, UTC)


def as_datetime(at_ms: int) -> datetime:
    """A moment in ms as UTC, to the second below.

    >>> as_datetime(1_795_681_800_999).isoformat()
    '2026-11-26T08:30:00+00:00'
    """
    return _START + timedelta(seconds=at_ms // 1000)


def as_ms(at: datetime) -> int:
    """The same the other way."""
    return (at - _START) // timedelta(milliseconds=1)
