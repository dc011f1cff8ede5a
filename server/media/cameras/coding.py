"""What becomes of a camera's pictures and sound: handed on as they are, or encoded once (SPEC 30.13).

Owns which codecs are handed on, and the two encoders (VP8, Opus). Times are ms of the reader's own clock.
Must not know where anything comes from or goes to. Sources: RFC 6184, RFC 7741, RFC 7587.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final, Protocol

import av
from msgspec import Struct

from protocol.venue import CameraWhy
from server.media.cameras import units

VIDEO: Final = Fraction(1, 90_000)
AUDIO: Final = Fraction(1, 48_000)
RAW: Final = ("rawvideo", "mjpeg")
"""Pictures that are encoded here in any case."""
PASSED: Final = {"h264": "H264", "vp8": "VP8"}
OPUS_SAMPLES: Final = 960
"""20 ms."""
DRIFT_MS_MAX: Final = 200
"""Sound whose times lie further apart from what came is begun anew."""


class Unshowable(Exception):
    """A browser cannot show what the camera sends."""

    def __init__(self, why: CameraWhy, codec: str) -> None:
        """Say why, and what it was."""
        super().__init__(codec)
        self.why, self.codec = why, codec


class Coded(Struct, frozen=True):
    """A picture or 20 ms of sound, encoded, at a time (ms)."""

    kind: str
    data: bytes
    at_ms: float
    is_key: bool

    def packet(self) -> Any:
        """As aiortc takes it."""
        base = VIDEO if self.kind == "video" else AUDIO
        packet = av.Packet(self.data)
        packet.time_base, packet.pts = base, round(self.at_ms * base.denominator / 1000)
        return packet


class Way(Protocol):
    """Takes what the camera sends, gives what is published."""

    codec: str

    def take(self, packet: Any, at_ms: float) -> Iterator[Coded]:
        """One packet's.

        Raises:
          Unshowable: see there.
          av.FFmpegError: it cannot be decoded.
        """


class PassedH264:
    """Each unit as the camera sent it."""

    codec = "H264"

    def __init__(self, stream: Any) -> None:
        """Judge what the camera told beforehand, where it did.

        Raises:
          Unshowable: its profile.
        """
        extra = bytes(stream.codec_context.extradata or b"")
        self._filter: Any = None
        if extra[:1] == b"\x01":  # a file: units behind their lengths, parameter sets apart
            self._filter = av.bitstream.BitStreamFilterContext("h264_mp4toannexb", stream)
            extra = b""
        self._sets = units.Sets(extra)
        self._judge()

    def take(self, packet: Any, at_ms: float) -> Iterator[Coded]:
        """See `Way`."""
        for one in [packet] if self._filter is None else self._filter.filter(packet):
            before = self._sets.sps
            found = self._sets.with_sets(units.split(bytes(one)))
            if self._sets.sps != before:
                self._judge()
            if found and self._sets.sps is not None:
                is_key = any(units.kind(unit) == units.IDR for unit in found)
                yield Coded("video", b"".join(units.START + unit for unit in found), at_ms, is_key)

    def _judge(self) -> None:
        sps = self._sets.sps
        if sps is not None and not units.is_for_browsers(sps):
            raise Unshowable("profile", f"H.264 {units.profile(sps)}")


class PassedVp8:
    """Each frame as it came."""

    codec = "VP8"

    def take(self, packet: Any, at_ms: float) -> Iterator[Coded]:
        """See `Way`."""
        data = bytes(packet)
        if data:
            yield Coded("video", data, at_ms, data[0] & 1 == 0)


class Encoded:
    """Decoded, and encoded once as VP8: free of fees and shown everywhere; a key frame every second."""

    codec = "VP8"

    def __init__(self, stream: Any, kilobits: int, rate: int, is_late: Callable[[float], bool]) -> None:
        """Take a stream of raw or encoded pictures.

        Args:
          stream: what is decoded.
          kilobits: how much it may take a second.
          rate: pictures a second, where the stream does not say.
          is_late: whether a picture of some time is too old to be worth encoding: a machine that is too slow
            shows fewer pictures, never later ones.
        """
        self._kilobits, self._is_late = kilobits, is_late
        found = stream.average_rate or stream.guessed_rate
        self._rate = max(1, min(60, round(found))) if found else rate
        self._coder: Any = None
        self._key_ms: float | None = None

    def take(self, packet: Any, at_ms: float) -> Iterator[Coded]:
        """See `Way`."""
        for frame in packet.decode():
            if self._is_late(at_ms):
                continue
            picture = frame.reformat(width=frame.width & ~1, height=frame.height & ~1, format="yuv420p")
            size = picture.width, picture.height
            if self._coder is None or size != (self._coder.width, self._coder.height):
                self._coder, self._key_ms = self._begin(*size), None
            is_due = self._key_ms is None or at_ms - self._key_ms >= 1_000
            kinds = av.video.frame.PictureType
            picture.pict_type = kinds.I if is_due else kinds.NONE
            picture.time_base, picture.pts = VIDEO, round(at_ms * 90)
            for coded in self._coder.encode(picture):
                if coded.is_keyframe:
                    self._key_ms = at_ms
                yield Coded("video", bytes(coded), at_ms, bool(coded.is_keyframe))

    def _begin(self, width: int, height: int) -> Any:
        coder: Any = av.CodecContext.create("libvpx", "w")
        coder.width, coder.height, coder.pix_fmt = width, height, "yuv420p"
        coder.time_base, coder.framerate = VIDEO, Fraction(self._rate)
        coder.bit_rate = self._kilobits * 1000
        coder.options = {
            "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "error-resilient": "1",
            "auto-alt-ref": "0",
        }  # fmt: skip
        return coder


class PassedOpus:
    """Sound as it came."""

    codec = "opus"

    def take(self, packet: Any, at_ms: float) -> Iterator[Coded]:
        """See `Way`."""
        data = bytes(packet)
        if data:
            yield Coded("audio", data, at_ms, is_key=True)


class EncodedSound:
    """AAC, G.711 and whatever else a camera speaks, as Opus in packets of 20 ms."""

    codec = "opus"

    def __init__(self) -> None:
        """Nothing has come."""
        self._samples = self._sent = self._coded = 0
        self._rate, self._from_ms = 48_000, 0.0
        self._begin(0.0)

    def take(self, packet: Any, at_ms: float) -> Iterator[Coded]:
        """See `Way`."""
        for frame in packet.decode():
            if self._samples and abs(self._came_ms() - at_ms) > DRIFT_MS_MAX:
                self._begin(at_ms)
            if not self._samples:
                self._from_ms = at_ms
            self._samples += frame.samples
            self._rate = frame.sample_rate
            frame.pts = None
            at_ms += frame.samples * 1000 / frame.sample_rate
            for part in self._resampler.resample(frame):
                part.pts, part.time_base = self._sent, AUDIO
                self._sent += part.samples
                for coded in self._coder.encode(part):
                    yield Coded("audio", bytes(coded), self._from_ms + self._coded * 20, is_key=True)
                    self._coded += 1

    def _came_ms(self) -> float:
        return self._from_ms + self._samples * 1000 / self._rate

    def _begin(self, at_ms: float) -> None:
        self._resampler = av.AudioResampler(
            format="s16", layout="stereo", rate=48_000, frame_size=OPUS_SAMPLES
        )
        coder: Any = av.CodecContext.create("libopus", "w")
        coder.bit_rate, coder.format, coder.layout = 64_000, "s16", "stereo"
        coder.sample_rate, coder.time_base = 48_000, AUDIO
        coder.options = {"application": "voip"}
        self._coder = coder
        self._from_ms = at_ms
        self._samples = self._sent = self._coded = 0


def pictures(stream: Any, coding: str, kilobits: int, rate: int, is_late: Callable[[float], bool]) -> Way:
    """What becomes of a stream of pictures.

    Raises:
      Unshowable: it cannot be handed on, and nobody said to encode it.
    """
    codec = stream.codec_context.name
    if codec in RAW:
        return Encoded(stream, kilobits, rate, is_late)
    try:
        if codec == "h264":
            return PassedH264(stream)
        if codec == "vp8":
            return PassedVp8()
        raise Unshowable("codec", {"hevc": "H.265"}.get(codec, str(codec).upper()))
    except Unshowable:
        if coding == "encode":
            return Encoded(stream, kilobits, rate, is_late)
        raise


def sound(stream: Any) -> Way:
    """What becomes of a stream of sound."""
    return PassedOpus() if stream.codec_context.name == "opus" else EncodedSound()
