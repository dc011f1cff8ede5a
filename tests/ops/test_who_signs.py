"""Who of the played people signs the prepared report: not who dissents in its place, nor who refuses."""

from types import SimpleNamespace
from typing import Any, cast

from ops.people.deed import Deed
from ops.people.roles import next as roles
from ops.scripts import catalogue

COURSE = catalogue.find("sealed-refusal").course


def asked(seat: str, role: str = "expert", act: str = "SignPaper") -> Deed | None:
    scene = SimpleNamespace(
        awaited=lambda: (SimpleNamespace(act=act),), course=COURSE, role=role, seat=seat
    )  # fmt: skip
    return roles._paper(cast(Any, scene))


def test_who_dissents_or_refuses_signs_no_paper_and_everybody_else_does() -> None:
    assert COURSE.signing == {"M4": "dissent", "M5": "refuse"}
    assert [asked(seat) for seat in ("M4", "M5")] == [None, None]
    assert asked("M1") == asked("witness-hefei", "witness") == Deed("SignPaper")
    assert asked("agent", "agent") is asked("M1", act="SubmitReport") is None
