"""Interventions and their answers, as the tests have them made (SPEC 34)."""

from typing import Any

from protocol import hidden
from protocol.commands_oversight import AnswerIntervention, Intervene
from protocol.entry import Entry
from protocol.refusals import Refusal
from protocol.words import SESSION_STAGE
from tests.protocol.world import World

MINUTE_MS = 60_000
HOST, GUEST = "supervisor-hefei", "supervisor-nanjing"
"""A supervisor of the main venue's province, and one of another."""


def asking(world: World, words: str = "请说明情况。", **other: Any) -> tuple[Intervene, hidden.Disclosure]:
    """A question to the session, unless something else is said; ten minutes for an answer."""
    shown = world.hide("intervention", f"intervention {world.at.size}", words)
    given: dict[str, Any] = {
        "kind": "question", "scope": "session", "subject": "", "reason": "criteria",
        "text": shown.digest, "answer_ms": 10 * MINUTE_MS,
    }  # fmt: skip
    return Intervene(**{**given, **other}), shown


def intervene(world: World, by: str = HOST, **other: Any) -> Entry:
    """An intervention that has to be taken."""
    content, shown = asking(world, **other)
    return world.must(by, content, SESSION_STAGE, (shown,))


def refused(world: World, by: str = HOST, **other: Any) -> str:
    """The code by which an intervention is refused; empty where it was taken."""
    content, shown = asking(world, **other)
    result = world.do(by, content, SESSION_STAGE, (shown,))
    return result.code if isinstance(result, Refusal) else ""


def answer(world: World, by: str, number: int, outcome: Any = "explained", words: str = "已核实。") -> Entry:
    """An answer that has to be taken."""
    content, shown = answering(world, number, outcome, words)
    return world.must(by, content, SESSION_STAGE, (shown,))


def unanswerable(
    world: World, by: str, number: int, outcome: Any = "explained", words: str = "已核实。"
) -> str:
    """The code by which an answer is refused; empty where it was taken."""
    content, shown = answering(world, number, outcome, words)
    result = world.do(by, content, SESSION_STAGE, (shown,))
    return result.code if isinstance(result, Refusal) else ""


def answering(
    world: World, number: int, outcome: Any, words: str
) -> tuple[AnswerIntervention, hidden.Disclosure]:
    """An answer, with its words."""
    shown = world.hide("intervention_answer", f"answer {world.at.size}", words)
    return AnswerIntervention(number, outcome, shown.digest), shown


def of_every_kind(world: World) -> None:
    """Of every scope; one is answered by the agent, one by a seat, one by a venue, late."""
    seats = world.at.seats
    seat = next(one for one in sorted(seats) if seats[one].role == "expert" and seats[one].venue == "nanjing")
    before = len(world.at.oversight.interventions)
    intervene(world)
    intervene(world, GUEST, kind="warning", scope="seat", subject=seat, reason="discipline")
    intervene(world, GUEST, scope="venue", subject="nanjing", reason="recording")
    intervene(world, kind="warning", scope="role", subject="witness", reason="identity")
    answer(world, "agent", before + 1)
    answer(world, seat, before + 2, "corrected")
    answer(world, "agent", before + 4, "corrected")
    world.settle(world.now + 11 * MINUTE_MS)
    answer(world, "witness-nanjing", before + 3, "declined")
