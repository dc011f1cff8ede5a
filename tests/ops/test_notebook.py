"""Which noted session a start goes on with: the newest open one, of case and rules where they are named."""

from pathlib import Path

from ops import installation, senses
from ops.people import notebook, script
from ops.scripts import tenders


def test_a_version_of_the_rules_that_is_named_leaves_an_open_session_by_another_lying(tmp_path: Path) -> None:
    found = installation.ensure(tmp_path / "data", now_ms=senses.now_ms())
    second = notebook.begin(found, tenders.held(None, "2"))
    assert notebook.current(found) == second
    assert notebook.current(found, rules="4") is None
    fourth = notebook.begin(found, tenders.held(None, "4"))
    assert script.rules_of(script.load(notebook.case_path(found, fourth.session))) == "4"
    assert notebook.current(found) == fourth
    assert notebook.current(found, rules="2") == second
    assert notebook.current(found, "another case", "4") is None
    notebook.end(found, fourth.session)
    assert notebook.current(found) == second
    assert notebook.current(found, rules="4") is None
