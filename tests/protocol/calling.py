"""Roll-call pictures, as the tests have them taken (SPEC 31.6)."""

import base64
from typing import Any, Final

from protocol import canonical
from protocol.commands_live import RecordRollCall
from protocol.hidden import Disclosure
from protocol.session.live import roll_calls
from tests.protocol.world import World

JPEG: Final = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqM"
    "yP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4"
    "+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEA"
    "AAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAwT/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIR"
    "AxEAPwCYBQF//9k="
)
"""A JPEG of 16 by 16 pixels, all of one blue."""


def picture(world: World, raw: bytes = JPEG, **other: Any) -> tuple[RecordRollCall, Disclosure]:
    """A picture of everybody but the last who is called, and of the main venue's room."""
    shown = world.hide("roll_call", f"roll call {world.at.size}", base64.b64encode(raw).decode())
    called = roll_calls.called(world.at)
    main = next(venue.venue for venue in world.at.venues.values() if venue.role == "main")
    given: dict[str, Any] = {
        "picture": shown.digest, "digest": canonical.sha256(raw), "octets": len(raw),
        "width": 16, "height": 16,
        "taken_at": world.now, "shown": called[:-1], "missing": called[-1:], "rooms": (main,),
    }  # fmt: skip
    return RecordRollCall(**{**given, **other}), shown
