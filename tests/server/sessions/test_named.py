"""Every hidden value that travels with an act of version 3 is one that the record then names."""

import pytest

from protocol.commands import Command
from protocol.entry import Entry
from protocol.hidden import Disclosure
from protocol.refusals import Refusal
from server.sessions import admission
from tests.protocol.acting import Acting
from tests.protocol.golden import make_3


@pytest.mark.parametrize("name", make_3.RECORDS)
def test_what_may_travel_with_an_act_is_kept(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, Refusal]] = []
    take = Acting.take

    def taken(
        world: Acting, command: Command, author: str, disclosures: tuple[Disclosure, ...] = ()
    ) -> Entry | Refusal:
        found = take(world, command, author, disclosures)
        if isinstance(found, Entry):
            carried = [one for one in disclosures if one.field in admission.CARRIES.get(command.type, ())]
            wrong = admission.named(world.at, carried)
            told.extend([(command.type, wrong)] if wrong is not None else [])
        return found

    monkeypatch.setattr(Acting, "take", taken)
    make_3.RECORDS[name](make_3.case())
    assert told == []
