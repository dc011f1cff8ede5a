"""H.264 as a camera sends it: its units, its parameter sets, and whether a browser can show it. Pure.

Sources: ITU-T H.264 7.3.1 and 7.4.2.1.1, Annex A.2 (profiles) and B (byte streams); RFC 6184 8.1.
"""

from typing import Final

START: Final = b"\x00\x00\x00\x01"
IDR: Final = 5
SPS: Final = 7
PPS: Final = 8
_BASELINE: Final = 66
_OBEYS_BASELINE: Final = 0x80
"""constraint_set0_flag: a stream of another profile that a decoder of the baseline can show."""
NAMES: Final = {66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2"}


def split(stream: bytes) -> list[bytes]:
    """The units of a byte stream (Annex B), without their start codes and the zeros between them.

    >>> split(bytes.fromhex("000000016742000001685a"))
    [b'gB', b'hZ']
    """
    found = []
    begin = stream.find(b"\x00\x00\x01")
    while begin >= 0:
        begin += 3
        end = stream.find(b"\x00\x00\x01", begin)
        unit = (stream[begin:] if end < 0 else stream[begin:end]).rstrip(b"\x00")
        if unit:
            found.append(unit)
        begin = end
    return found


def kind(unit: bytes) -> int:
    """A unit's type."""
    return unit[0] & 0x1F


def profile(sps: bytes) -> str:
    """What a parameter set calls its profile, for people.

    >>> profile(bytes.fromhex("674d001f")), profile(bytes.fromhex("6742c01f"))
    ('Main', 'Baseline')
    """
    return NAMES.get(sps[1], f"profile {sps[1]}") if len(sps) > 3 else "?"


def is_for_browsers(sps: bytes) -> bool:
    """Whether every browser shows it: what obeys the (constrained) baseline, hence has no B pictures.

    >>> [is_for_browsers(bytes.fromhex(one)) for one in ("6742c01f", "674d801f", "6764001f")]
    [True, True, False]
    """
    return len(sps) > 3 and (sps[1] == _BASELINE or sps[2] & _OBEYS_BASELINE != 0)


class Sets:
    """The parameter sets as they were last seen, and put before each key frame that lacks them."""

    def __init__(self, stream: bytes = b"") -> None:
        """Those that the camera told when it was opened (Annex B), none otherwise."""
        self.sps: bytes | None = None
        self.pps: dict[bytes, bytes] = {}
        for unit in split(stream):
            self._seen(unit)

    def with_sets(self, units: list[bytes]) -> list[bytes]:
        """A picture's units as they came, behind the parameter sets where it is a key frame without them."""
        for unit in units:
            self._seen(unit)
        kinds = {kind(unit) for unit in units}
        if IDR not in kinds or SPS in kinds or self.sps is None:
            return units
        at = next(at for at, unit in enumerate(units) if kind(unit) != 9)  # behind a delimiter
        sets = [self.sps] if PPS in kinds else [self.sps, *self.pps.values()]
        return [*units[:at], *sets, *units[at:]]

    def _seen(self, unit: bytes) -> None:
        if kind(unit) == SPS:
            if unit != self.sps:
                self.pps = {}
            self.sps = unit
        elif kind(unit) == PPS:
            self.pps[unit[1:2]] = unit
