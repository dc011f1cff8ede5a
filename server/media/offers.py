"""What an SDP offer asks for: its sections, and the first codec of each that is forwarded. Pure."""

from typing import Final

from aiortc.sdp import MediaDescription, SessionDescription

from server.media.engine import BadOffer

CODECS: Final = ("VP8", "H264", "opus")
NAMES: Final = {"audio": ("audio",), "video": ("video", "thumb")}
"""What the streams of an offer are called, in its order: the second picture is the small one."""

SENDING: Final = ("sendrecv", "sendonly")
"""Directions of a publisher's sections."""


def sections(offer: str, *directions: str) -> list[MediaDescription]:
    """The sections of an offer that send, or receive.

    Raises:
      BadOffer: it cannot be read, or has none, or more than are forwarded.
    """
    try:
        description = SessionDescription.parse(offer)
    except Exception as error:  # whatever a stranger's text makes of the parser
        raise BadOffer(f"no SDP: {error}") from error
    if any(one.kind not in NAMES for one in description.media):
        raise BadOffer("only audio and video")
    media = [one for one in description.media if (one.direction or "sendrecv") in directions]
    if not media or len(media) != len(description.media):
        raise BadOffer(f"every section is one of {', '.join(directions)}")
    for kind, names in NAMES.items():
        if sum(one.kind == kind for one in media) > len(names):
            raise BadOffer(f"more than {len(names)} of {kind}")
    return media


def first_codec(media: MediaDescription) -> str:
    """The codec of a section that is forwarded.

    Raises:
      BadOffer: none of them is offered.
    """
    for codec in media.rtp.codecs:
        if codec.name in CODECS:
            return str(codec.name)
    raise BadOffer(f"none of {', '.join(CODECS)} is offered for {media.kind}")
