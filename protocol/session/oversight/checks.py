"""The group's rules on hidden inputs: the words are there, neither empty nor too long (SPEC 32.9)."""

from protocol import limits
from protocol.commands_oversight import AnswerIntervention, Intervene
from protocol.hidden import Disclosed
from protocol.session.asked import Checking, Findings
from protocol.session.disclosing import written
from protocol.session.state import State, Track


def _asked(state: State, here: Track | None, content: Intervene, disclosed: Disclosed) -> Findings:
    return written(disclosed, "intervention", content.text, limits.STATEMENT_CHARS_MAX)


def _answered(
    state: State, here: Track | None, content: AnswerIntervention, disclosed: Disclosed
) -> Findings:
    return written(disclosed, "intervention_answer", content.answer, limits.STATEMENT_CHARS_MAX)


CHECKS: dict[type, Checking] = {Intervene: _asked, AnswerIntervention: _answered}
