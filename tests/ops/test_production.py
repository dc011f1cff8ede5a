"""An installation for real tenders: nobody is played, no code is shown, it seals by the national suite."""

import inspect
import json
from pathlib import Path

import pytest

from ops import act, custody, installation, senses, up
from ops.ceremony import commands as ceremony
from ops.custodian import commands as custodian
from ops.installation import COORDINATOR
from ops.people.listener import Listener
from ops.ports import free_base
from ops.senses import Dice
from ops.trouble import Trouble
from server import config
from sub_venue.custody.settings import Settings as Custody


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose operator has written `production` into the coordinator's configuration."""
    base = free_base(installation.PORTS_SPAN, Dice())
    made = installation.ensure(tmp_path / "data", now_ms=senses.now_ms(), ports_from=base)
    path = made.config(COORDINATOR)
    assert not made.production
    installation.require_practice(made)
    path.write_text(json.dumps({**json.loads(path.read_text()), "production": True}))
    return made.data


async def test_nothing_is_played_or_shown_where_real_tenders_are_held(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for landing, session in ((True, True), (False, True), (True, False)):
        with pytest.raises(Trouble, match="production"):
            await up.up(up.Options(data=data, landing=landing, session=session))
    for own_stack in (True, False):
        with pytest.raises(Trouble, match="production"):
            await act.act(act.Options(data=data, own_stack=own_stack), Listener())
    shown = capsys.readouterr()
    assert shown.out + shown.err == ""
    # A second start leaves it as the operator wrote it.
    again = installation.ensure(data, now_ms=senses.now_ms())
    assert again.production
    told = config.read(again.config(COORDINATOR))
    assert told.production
    assert not told.takes_bidders_codes


def test_the_national_suite_is_what_a_custodian_seals_by_unless_it_is_told_otherwise() -> None:
    assert custody.SUITE == "gm-1"
    assert Custody.model_fields["suite"].default == "gm-1"
    for command in (custodian, ceremony):
        found = [
            one.parameters["suite"].default
            for one in map(inspect.signature, (f for _, f in inspect.getmembers(command, inspect.isfunction)))
            if "suite" in one.parameters
        ]
        assert "gm-1" in found
