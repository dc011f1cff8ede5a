"""Who of the played people signs the prepared report: not who dissents in its place, nor who refuses."""

from types import SimpleNamespace
from typing import Any, cast

from msgspec.structs import replace

from ops.people.course import PLAIN
from ops.people.deed import Deed
from ops.people.roles import agent
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


def test_the_tenderee_is_given_a_place_where_the_course_has_it_sign() -> None:
    seats = [
        SimpleNamespace(seat="tenderee", role="tenderee", bound=True),
        SimpleNamespace(seat="witness-hefei", role="witness", bound=True),
        SimpleNamespace(seat="witness-nanjing", role="witness", bound=False),
        SimpleNamespace(seat="M1", role="expert", bound=True),
    ]
    signs, plain = (
        SimpleNamespace(course=replace(PLAIN, tenderee_signs=said), view=SimpleNamespace(seats=seats))
        for said in (True, False)
    )
    assert agent._places(cast(Any, signs)) == "tenderee,witness-hefei"
    assert not agent._places(cast(Any, plain))
    assert asked("tenderee", "tenderee") == Deed("SignPaper")
