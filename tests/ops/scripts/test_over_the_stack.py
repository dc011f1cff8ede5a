"""Scripted evaluations over real processes and sockets, as `ops/run --act --script` plays them."""

from pathlib import Path

import pytest

from ops import installation, stack
from tests.ops.stage import call


@pytest.mark.parametrize("name", ["normal-tender", "late-recusal"])
def test_a_script_is_played_through_the_real_stack_and_judged(name: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    ended = call("act", "--up", "--json", "--script", name, "--data", str(data), cwd=tmp_path)
    assert ended.code == 0, ended.err
    assert ended.told["script"] == name
    assert ended.told["phases"]["session"][-1] == "ARCHIVED"
    assert ended.told["lasted_ms"] > 0
    assert not stack.running(data)
    again = call("replay", ended.told["record"], "--json", cwd=tmp_path)
    assert again.told["outcome"] == ended.told["outcome"]
    assert installation.find(data).people.joinpath("sessions.json").exists()


def test_the_list_names_every_script_in_both_languages(tmp_path: Path) -> None:
    listed = call("act", "--script", "list", cwd=tmp_path)
    assert listed.code == 0
    assert "依法招标项目" in listed.out
    assert "a tender by law" in listed.out


def test_an_unknown_script_is_told_which_there_are(tmp_path: Path) -> None:
    ended = call("act", "--script", "nothing", cwd=tmp_path)
    assert ended.code == 2
    assert "normal-tender" in ended.err
