"""Interventions (监督介入): a supervisor asks as the course has it, the agent answers whatever is asked.

Owns the words of answers and which outcome they have; who may ask and answer is the rules'. Sources: SPEC 34;
招标投标法 7; 实施条例 62; 河北 管理办法 2025 (主场负责制: the host answers).
"""

from collections.abc import Iterator

from ops.people.deed import Deed, Scene
from protocol.commands_oversight import AnswerIntervention, Intervene
from protocol.plan.interventions import Outcome
from protocol.session.phases import STAGE_ORDER, reached
from protocol.views_oversight import InterventionView

ANSWER_MS = 1_800_000
"""How long there is for an answer: the half hour that the supervisor's page offers first."""
EXPLAINED = "情况已核实,评标按招标文件规定的程序和标准进行。"
DECLINED = "经核实,目前没有须中断评标的情形;评标继续进行,有关情况已记录在案。"


def questions(scene: Scene) -> Iterator[Deed]:
    """The course's questions of this supervisor, once members score; none of them twice."""
    view = scene.view
    scored = any(reached(STAGE_ORDER, place.phase, "DETAILED") for place in view.stages)
    if view.phase != "COMMITTEE_READY" or not scored:
        return
    asked = sum(1 for one in view.interventions if one.seat == scene.seat)
    own = [one for one in scene.course.interventions if one.by == scene.seat]
    for number, one in enumerate(own[asked:], asked + 1):
        text = scene.hide("intervention", one.text, str(number))
        content = Intervene(one.kind, "session", "", one.reason, text.digest, ANSWER_MS)
        yield Deed("Intervene", content=content, disclosures=(text,), about=str(number))


def answers(scene: Scene) -> Iterator[Deed]:
    """What is asked and not answered, in order of number; a suspension that nobody entered is declined."""
    for one in scene.view.interventions:
        if one.answerable:
            outcome: Outcome = "declined" if one.kind == "suspend_request" else "explained"
            words = _words(scene, one)
            text = scene.hide("intervention_answer", words, str(one.number))
            content = AnswerIntervention(one.number, outcome, text.digest)
            yield Deed("AnswerIntervention", content=content, disclosures=(text,), about=str(one.number))


def _words(scene: Scene, one: InterventionView) -> str:
    known = [planned.answer for planned in scene.course.interventions if planned.text == one.text]
    if known:
        return known[0]
    return DECLINED if one.kind == "suspend_request" else EXPLAINED
