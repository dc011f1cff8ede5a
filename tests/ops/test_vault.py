"""A share that was committed to is found again by whoever begins anew."""

import json
from pathlib import Path

import pytest

from main_venue.draw_desk import OFFICE
from ops import files
from ops.people import script
from ops.people.deed import Deed, Recollection, Scene
from ops.people.roles import sharing
from ops.people.vault import Vault
from ops.scripts import drawn_committee
from ops.senses import Dice
from ops.trouble import Trouble
from protocol.projection import project
from protocol.words import SESSION_STAGE
from tests.ops.scripts.hall import Hall


def _to_the_commitments(folder: Path) -> Hall:
    hall = Hall(drawn_committee.SCRIPT, folder / "cases")
    hall.carry_out("agent", Deed("BookSession", source=script.source(hall.case)))
    hall.carry_out("agent", Deed("FreezePool"))
    return hall


def _scene(hall: Hall, path: Path) -> Scene:
    """The office as a command that has just begun sees the session; its dice give other bytes each time."""
    view = project.view(hall.at, hall.disclosed, "supervisor", OFFICE)
    memory = Recollection(secrets=Vault(path))
    return Scene(view, OFFICE, "supervisor", hall.case, Dice(), hall.now, memory)


def test_a_command_that_ended_after_committing_reveals_the_same_share_later(tmp_path: Path) -> None:
    hall, path = _to_the_commitments(tmp_path), tmp_path / "office.json"
    (commit,) = sharing.deeds(_scene(hall, path))
    assert len(json.loads(path.read_text())) == 2
    assert commit.content is not None
    hall.must(OFFICE, commit.content)
    assert hall.at.drawn.frozen is not None
    for one in hall.at.drawn.frozen.parties[:-1]:
        view = project.view(hall.at, hall.disclosed, "supervisor", one.party)
        scene = Scene(view, one.party, "supervisor", hall.case, Dice(), hall.now, Recollection())
        (deed,) = sharing.deeds(scene)
        assert deed.content is not None
        hall.must(f"node {one.party}", deed.content)
    (reveal,) = sharing.deeds(_scene(hall, path))
    assert reveal.content is not None
    hall.must(OFFICE, reveal.content, SESSION_STAGE, reveal.disclosures)
    assert OFFICE in hall.at.drawn.revealed


def test_a_secret_that_cannot_be_kept_is_not_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, path = _to_the_commitments(tmp_path), tmp_path / "office.json"

    def full(*_: object) -> None:
        raise Trouble("无法写入", "cannot write")

    monkeypatch.setattr(files, "write_json", full)
    scene = _scene(hall, path)
    with pytest.raises(Trouble):
        list(sharing.deeds(scene))
    assert scene.memory.secrets == {}
