"""The group's rules on hidden inputs, by the form of the act's content."""

import base64
import binascii

from protocol import canonical, roll_call
from protocol.commands_live import RecordRollCall
from protocol.hidden import Disclosed
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Checking, Findings
from protocol.session.disclosing import need
from protocol.session.state import State, Track


def _roll_call(state: State, here: Track | None, content: RecordRollCall, disclosed: Disclosed) -> Findings:
    """The picture is there, and the one that the act says: its bytes, its digest, its size (SPEC 31.6)."""
    missing = need(disclosed, "roll_call", content.picture)
    if missing:
        return missing
    try:
        raw = base64.b64decode(disclosed.value(content.picture, str), validate=True)
    except (canonical.NotCanonical, binascii.Error, ValueError):
        return (refuse("DisclosureMismatch", field="roll_call"),)
    if base64.b64encode(raw).decode() != disclosed.value(content.picture, str):
        return (refuse("DisclosureMismatch", field="roll_call"),)
    if len(raw) != content.octets or canonical.sha256(raw) != content.digest:
        return (_unfit("画面与其摘要不符", "the picture is not the one of its digest"),)
    if roll_call.jpeg_size(raw) != (content.width, content.height):
        return (_unfit("画面不是该尺寸的 JPEG", "the picture is no JPEG of that size"),)
    return ()


def _unfit(zh: str, en: str) -> Refusal:
    return refuse("RollCallUnfit", zh=zh, en=en)


CHECKS: dict[type, Checking] = {RecordRollCall: _roll_call}
