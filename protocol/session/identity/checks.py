"""The group's rules on hidden inputs, by the form of the act's content."""

from typing import Any

from protocol.commands_identity import ConfirmSeatKey, DelegateSeatKey
from protocol.hidden import Disclosed
from protocol.refusals import refuse
from protocol.seal import signing
from protocol.seal.trust import proved
from protocol.seal.trust.proved import ByDesk, SeatEvidence
from protocol.session.asked import Checking
from protocol.session.disclosing import Findings, read
from protocol.session.state import State, Track


def _delegate(state: State, here: Track | None, content: DelegateSeatKey, disclosed: Disclosed) -> Findings:
    """The evidence is signed, and says of this seat and key what the installation attests."""
    evidence = read(disclosed, "delegation", content.evidence, SeatEvidence)
    if isinstance(evidence, tuple):
        return evidence
    said = proved.said(evidence)
    for field, differs in (
        ("means", said.means != content.means),
        ("session", said.session != state.session),
        ("until", said.until != content.until),
    ):
        if differs:
            return (refuse("StatementMismatch", field=field),)
    # The attestation was found good for the author's seat and key: so it must hold for these as well.
    told = signing.delegated_bytes(
        said.session, said.seat, said.key, said.means, content.evidence, said.until
    )
    if not signing.verify(state.installation_key, told, content.attestation):
        return (refuse("StatementMismatch", field="key"),)
    fault = proved.fault(evidence)
    return () if fault is None else (fault,)


def _confirm(state: State, here: Track | None, content: ConfirmSeatKey, disclosed: Disclosed) -> Findings:
    """What the officer has seen is of this seat and key."""
    evidence = read(disclosed, "delegation", content.evidence, SeatEvidence)
    if isinstance(evidence, tuple):
        return evidence
    if not isinstance(evidence, ByDesk):
        return (refuse("StatementMismatch", field="means"),)
    expected: dict[str, Any] = {
        "session": state.session, "seat": content.seat, "key": content.key,
        "document": content.document, "until": content.until,
    }  # fmt: skip
    return tuple(
        refuse("StatementMismatch", field=field)
        for field, value in expected.items()
        if getattr(evidence, field) != value
    )


CHECKS: dict[type, Checking] = {DelegateSeatKey: _delegate, ConfirmSeatKey: _confirm}
