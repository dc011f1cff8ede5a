"""The group's rules on hidden inputs, by the form of the act's content."""

from msgspec import Struct

from protocol.commands_signatures import SignPaper
from protocol.hidden import Disclosed
from protocol.refusals import Refusal
from protocol.seal.trust import certificate
from protocol.session.asked import Checking
from protocol.session.disclosing import Findings, read
from protocol.session.state import State, Track


class Shown(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose signature it is: the certificate, DER."""

    certificate: bytes


def _sign(state: State, here: Track | None, content: SignPaper, disclosed: Disclosed) -> Findings:
    """A certificate; whether it counts is judged with the signed file, at its time-stamp's time."""
    shown = read(disclosed, "certificate", content.certificate, Shown)
    if isinstance(shown, tuple):
        return shown
    found = certificate.read(shown.certificate)
    return (found,) if isinstance(found, Refusal) else ()


CHECKS: dict[type, Checking] = {SignPaper: _sign}
