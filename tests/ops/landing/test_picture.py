"""The picture of a stack that does not run: every process of every kind has its place."""

from pathlib import Path

from ops import installation, senses
from ops.installation import Shape
from ops.landing.demonstration import Demonstration
from ops.landing.lines import Lines
from ops.processes import parts
from ops.stack import Stack

LARGE = Shape(cosigners=True, replays=True, authorities=True, custodians=5, media_workers=1)


def test_cosigners_custodians_and_media_workers_are_shown_beside_the_venues(tmp_path: Path) -> None:
    found = installation.ensure(tmp_path, now_ms=senses.now_ms(), shape=LARGE)
    shown = Demonstration(Stack(found), Lines(found), None).picture()
    assert [one.name for one in shown.venues] == ["hefei", "shanghai", "nanjing", "hangzhou"]
    kinds = [one.role for one in shown.services]
    assert {kind: kinds.count(kind) for kind in kinds} == {"cosigner": 5, "custodian": 6, "media": 5}
    consoles = {one.name: one.url for one in shown.services if one.url}
    assert consoles == {name: f"http://127.0.0.1:{port}/" for name, port in found.custodians.items()}
    told = [one.name for one in (*shown.coordinators, *shown.venues, *shown.services)]
    assert told == [part.name for part in parts(found)]
