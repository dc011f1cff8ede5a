"""The group's rules on hidden inputs, by the form of the act's content."""

from protocol.commands_recognition import AcceptWitnessRecord
from protocol.hidden import Disclosed
from protocol.session.asked import Checking
from protocol.session.disclosing import Findings, remark
from protocol.session.state import State, Track


def _accept(state: State, here: Track | None, content: AcceptWitnessRecord, disclosed: Disclosed) -> Findings:
    return remark(disclosed, content.remark)


CHECKS: dict[type, Checking] = {AcceptWitnessRecord: _accept}
