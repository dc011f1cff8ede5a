"""The group's rules on hidden inputs, by the form of the act's content."""

from protocol import commands_escrow as escrow
from protocol.hidden import Disclosed
from protocol.refusals import refuse
from protocol.seal import releasing, suites
from protocol.seal.escrowing import SheetEscrow, sheet_of
from protocol.seal.refused import SealRefused
from protocol.seal.releasing import CustodyRelease
from protocol.session.asked import Checking, Findings
from protocol.session.ceremony import reading
from protocol.session.disclosing import read
from protocol.session.escrow.guards import group_of
from protocol.session.state import State, Track


def _give(state: State, here: Track | None, content: escrow.EscrowSheet, disclosed: Disclosed) -> Findings:
    """Dealt to the appointed custodians' keys, for this seat; what is in the boxes nobody here can say."""
    assert here is not None
    given = read(disclosed, "sheet_escrow", content.escrow, SheetEscrow)
    if isinstance(given, tuple):
        return given
    group = group_of(state, here)
    suite = suites.get(reading.of(state, here).suite)
    assert group is not None
    due = [(one.custodian, one.public) for one in group.members]
    told = [(one.custodian, one.public) for one in given.dealing.members]
    named = (given.dealing.group, given.dealing.threshold, told)
    sheet = sheet_of(suite, state.session, here.lot, here.envelope, content.commitment)
    meant = (group.group, group.threshold, due)
    if (given.commitment, given.sheet, named) == (content.commitment, sheet, meant):
        return ()
    return (refuse("DisclosureMismatch", field="sheet_escrow"),)


def _release(
    state: State, here: Track | None, content: escrow.ReleaseEscrow, disclosed: Disclosed
) -> Findings:
    assert here is not None
    given = read(disclosed, "escrow_release", content.release, CustodyRelease)
    if isinstance(given, tuple):
        return given
    to = [one.public for one in reading.of(state, here).to]
    try:
        releasing.check_custody_release(given, state.session, given.custodian, content.commitment, to)
    except SealRefused as refused:
        return (refused.refusal,)
    return ()


CHECKS: dict[type, Checking] = {escrow.EscrowSheet: _give, escrow.ReleaseEscrow: _release}
