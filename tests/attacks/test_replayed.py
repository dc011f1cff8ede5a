"""Hidden inputs of a sealed tender that are false: the cosigner that replays sees it at their disclosure.

Each forger has the coordinator's, the people's and the venues' keys; a rule's meaning alone is left to stop
it (DESIGN 8; SPEC 27.4).
"""

import json
import random
from typing import Any

import pytest

from protocol import archive
from protocol.hidden import Disclosure
from protocol.ledger import tree
from protocol.ledger.levels import Levels
from protocol.record import Record
from protocol.refusals import Refusal
from protocol.replay_cosigner import ReplayCosigner
from tests.attacks import archive_mutants, forgeries, forgeries_opening, forgeries_sealed
from tests.attacks.forged_sealed import ForgedSealed


def tally_false(dice: random.Random, of: ForgedSealed) -> str:
    """A result that the opened scores do not come to."""
    one = of.disclosure("tally", 0)
    value = json.loads(one["value"])
    value["deviations"] = value["deviations"][1:]
    of.revalue(one, value)
    return "a tally that is not that of the scores"


FORGED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (forgeries_sealed.escrow_of_another_sheet, ("DisclosureMismatch",)),
    (forgeries_opening.release_unsigned, ("ReleaseForged",)),
    (forgeries_opening.custody_boxed_for_others, ("ReleaseForeign",)),
    (forgeries.score_over_range, ("SheetInvalid",)),
    (forgeries.changed_score, ("TallyMismatch", "SheetInvalid")),
    (tally_false, ("TallyMismatch",)),
)


def record_of(raw: bytes) -> Record:
    found = archive.read(raw)
    assert not isinstance(found, Refusal), found
    return found.record


def held(of: Record) -> tuple[Disclosure, ...]:
    """Every disclosure of a record, in an order of its own."""
    found = list(of.disclosed.values())
    random.Random(len(found)).shuffle(found)
    return tuple(found)


@pytest.fixture(scope="module")
def right() -> Record:
    """A whole sealed tender by the forger's keys, in which nothing is wrong."""
    return record_of(archive_mutants.forged(archive_mutants.SEALED).written())


def test_of_a_sealed_tender_in_which_nothing_is_wrong_every_hidden_input_passes(right: Record) -> None:
    own = ReplayCosigner(right.session, {})
    assert own.take(right.entries) is None
    for one in held(right):
        assert own.disclose((one,)) is None, one.field
    grown = Levels(tree.leaf_hash(raw) for raw in right.entries)
    assert own.may_cosign(grown.size, grown.root())


@pytest.mark.parametrize(("forgery", "codes"), FORGED, ids=lambda one: getattr(one, "__name__", ""))
def test_a_forged_hidden_input_ends_the_session_at_its_disclosure(
    forgery: Any, codes: tuple[str, ...]
) -> None:
    found = record_of(archive_mutants.sealed_mutant(random.Random(forgery.__name__), forgery).raw)
    own = ReplayCosigner(found.session, {})
    # Entry by entry the rules are kept: what is hidden is hidden.
    assert own.take(found.entries) is None
    fault = own.disclose(held(found))
    assert fault is not None
    assert fault.code in codes
    grown = Levels(tree.leaf_hash(raw) for raw in found.entries)
    assert not own.may_cosign(grown.size, grown.root())
    # Nor where they were disclosed as they came, before the entry that rests on them.
    again = ReplayCosigner(found.session, {})
    again.disclose(held(found))
    assert again.take(found.entries) == fault
