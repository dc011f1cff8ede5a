"""What is wrong at a venue, read off its node's state: pure, so that every case has a test.

Owns the bounds above which a keeper is told, through `Bounds`; what to do about each is in the page's words.
A trouble judges machines, never people. Must not know sockets, disks or clocks. Source: SPEC 10.6, DOMAIN 2
(a technician on duty at every venue).
"""

from collections.abc import Iterator

from protocol.venue import Trouble, VenueState
from sub_venue.config import Bounds


def troubles(state: VenueState, stopped: tuple[str, ...], bounds: Bounds) -> tuple[Trouble, ...]:
    """What a keeper should deal with, the worst first.

    Args:
      state: the node as it is, its own `troubles` left empty.
      stopped: sessions whose copies have stopped taking entries.
      bounds: above which something is told.
    """
    found = [*_line(state, bounds), *_disk(state, bounds), *_clock(state, bounds), *_seats(state, bounds)]
    found += _cameras(state, bounds)
    found += [Trouble("CopyStopped", "alarm", 0, {"session": session}) for session in stopped]
    if state.power.source == "battery":
        found.append(Trouble("OnBattery", "alarm", 0, {"percent": str(state.power.battery_percent)}))
    return tuple(sorted(found, key=lambda one: one.severity != "alarm"))


def _line(state: VenueState, bounds: Bounds) -> Iterator[Trouble]:
    line, journal = state.line, state.journal
    if not line.up:
        detail = {"tries": str(line.tries), "pending": str(journal.pending)}
        yield Trouble("LineDown", "alarm", line.since, detail)
        return
    if line.round_trip_ms > bounds.line_slow_ms:
        yield Trouble("LineSlow", "warning", 0, {"ms": str(line.round_trip_ms)})
    if journal.pending and state.at - journal.oldest_at > bounds.acts_waiting_ms:
        yield Trouble("ActsWaiting", "warning", journal.oldest_at, {"pending": str(journal.pending)})
    if line.behind and state.at - line.since > bounds.acts_waiting_ms:
        yield Trouble("CopyBehind", "warning", 0, {"entries": str(line.behind)})


def _disk(state: VenueState, bounds: Bounds) -> Iterator[Trouble]:
    megabytes = str(state.disk.free_bytes // 1_000_000)
    if not state.disk.takes:
        yield Trouble("DiskRefuses", "alarm", 0, {"free": megabytes})
    elif state.disk.free_bytes < bounds.disk_low_bytes:
        yield Trouble("DiskLow", "warning", 0, {"free": megabytes})


def _clock(state: VenueState, bounds: Bounds) -> Iterator[Trouble]:
    """Off for certain: further than the reading may be wrong."""
    clock = state.clock
    if clock.measured_at and abs(clock.offset_ms) - clock.within_ms > bounds.clock_off_ms_max:
        yield Trouble("ClockOff", "warning", clock.measured_at, {"ms": str(clock.offset_ms)})
    for server in state.ntp:
        silent_ms = state.at - server.measured_at if server.measured_at else state.power.node_ms
        if server.why == "denied" or silent_ms > bounds.ntp_silent_ms:
            detail = {"server": server.server, "why": server.why}
            yield Trouble("NtpSilent", "warning", server.measured_at, detail)
        elif server.measured_at and abs(server.offset_ms) - server.within_ms > bounds.clock_off_ms_max:
            detail = {"server": server.server, "ms": str(server.offset_ms)}
            yield Trouble("NtpOff", "warning", server.measured_at, detail)


def _cameras(state: VenueState, bounds: Bounds) -> Iterator[Trouble]:
    if state.cameras_silent_since:
        yield Trouble("CamerasSilent", "alarm", state.cameras_silent_since)
        return
    for one in state.cameras:
        detail = {"source": one.source}
        if one.state == "sending":
            if one.keyframe_ms > bounds.camera_keyframe_ms_max:
                told = detail | {"seconds": str(one.keyframe_ms // 1000)}
                yield Trouble("CameraKeyframes", "warning", one.since, told)
        elif one.why == "foreign":
            yield Trouble("CameraForeign", "warning", one.since, detail)
        elif one.why == "expert":
            yield Trouble("CameraOfExpert", "warning", one.since, detail)
        elif one.state == "refused":
            yield Trouble("CameraRefused", "alarm", one.since, detail | {"codec": one.codec})
        elif one.why in ("denied", "credentials"):
            yield Trouble("CameraDenied", "alarm", one.since, detail)
        elif one.state == "down":
            yield Trouble("CameraDown", "alarm", one.since, detail | {"why": one.why})


def _seats(state: VenueState, bounds: Bounds) -> Iterator[Trouble]:
    for seat in state.seats:
        if seat.reserve or not seat.bound:
            continue
        if seat.windows == 0:
            yield Trouble("SeatClosed", "warning", seat.heard_at, {"seat": seat.seat})
        elif seat.heard_at and state.at - seat.heard_at > bounds.seat_silent_ms:
            yield Trouble("SeatSilent", "warning", seat.heard_at, {"seat": seat.seat})
