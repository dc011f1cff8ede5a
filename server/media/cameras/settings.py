"""What the process that reads a venue's cameras is told, once: which there are, and its bounds."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from protocol.venue import CameraKind
from server.media.process import ProcessSettings, reading


class Bounds(BaseModel):
    """Every bound of the process, its unit last (DESIGN 1.7)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    open_ms: int = Field(default=8_000, gt=0)
    """How long a camera may take to answer and to say what it sends."""
    silent_ms: int = Field(default=5_000, gt=0)
    """A camera that sends nothing for so long is asked anew."""
    pause_ms: int = Field(default=500, gt=0)
    """The first pause before a camera is tried again; doubled each time."""
    pause_ms_max: int = Field(default=10_000, gt=0)
    """The longest, and the pause after a camera whose pictures cannot be shown."""
    line_pause_ms: int = Field(default=250, gt=0)
    """The first pause before a worker is offered to again; doubled each time."""
    line_pause_ms_max: int = Field(default=2_000, gt=0)
    """The longest of these."""
    connecting_ms: int = Field(default=20_000, gt=0)
    """How long a line that was answered may take until it is up."""
    answer_ms: int = Field(default=12_000, gt=0)
    """How long a worker may take to answer an offer."""
    queued_frames_max: int = Field(default=256, gt=1)
    """Frames that wait for one line; above it they are dropped until the next key frame."""
    lines_max: int = Field(default=64, gt=0)
    """Lines at once, one for each source and session."""


class CameraSettings(BaseModel):
    """One camera, or whatever stands for one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(pattern=r"^(room|camera)\.[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    """What it is called: `room.VENUE` or `camera.SEAT` (SPEC 30.1)."""
    kind: CameraKind
    url: str = Field(min_length=1, max_length=2_048)
    """`rtsp://…`, a device (`/dev/video0`), or a file."""
    credentials: Path | None = None
    """A file with `name:password` in its first line; never in `url`, which people show each other."""
    transport: Literal["tcp", "udp"] = "tcp"
    """How RTSP brings its packets."""
    coding: Literal["pass", "encode"] = "pass"
    """`pass` hands on what the camera encoded; `encode` decodes and encodes once more where browsers cannot
    show it. Raw pictures (YUYV, MJPEG) are always encoded."""
    sound: bool = True
    """Whether its microphone is sent as well."""
    width: int = Field(default=1_280, ge=16, le=7_680)
    height: int = Field(default=720, ge=16, le=4_320)
    rate: int = Field(default=15, ge=1, le=60)
    """What a V4L2 device is asked for: pixels, and pictures a second."""
    input_format: str = Field(default="", pattern=r"^[a-z0-9_]{0,32}$")
    """What a V4L2 device is asked for: `h264`, `mjpeg`, `yuyv422`; empty for its own choice."""
    kilobits: int = Field(default=1_500, ge=50, le=20_000)
    """What is encoded here may take so many kb/s."""

    @model_validator(mode="after")
    def _is_in_form(self) -> "CameraSettings":
        found = urlsplit(self.url)
        if (self.kind == "rtsp") != (found.scheme in ("rtsp", "rtsps")):
            raise ValueError("kind rtsp goes with an address rtsp://… or rtsps://…, and no other kind does")
        if self.kind == "rtsp" and (found.username or found.password):
            raise ValueError("a name and a password stand in the file that `credentials` names, not in `url`")
        if self.kind != "rtsp" and ("://" in self.url or self.credentials is not None):
            raise ValueError(f"kind {self.kind} takes a path, and no credentials")
        return self


class Settings(ProcessSettings):
    """The process's configuration; the venue's node says where to send to."""

    cameras: Annotated[tuple[CameraSettings, ...], Field(min_length=1, max_length=32)]
    bounds: Bounds = Bounds()

    @model_validator(mode="after")
    def _is_safe(self) -> "Settings":
        names = [one.source for one in self.cameras]
        if len(set(names)) != len(names):
            raise ValueError("two cameras have the same source")
        return self


read = reading(Settings)
