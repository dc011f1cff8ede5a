"""A witness's record handed over by itself: what holds, and what somebody who changes it runs into."""

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol import canonical, handover, hidden, record
from protocol.handover import Checked, Handover, Placed
from protocol.ledger import tree
from protocol.refusals import Refusal

GOLDEN = Path(__file__).parent / "golden"
SEAT = "witness-nanjing"


def _record(name: str = "record-2") -> record.Record:
    return record.read((GOLDEN / f"{name}.jsonl").read_bytes())


@pytest.fixture(scope="module")
def listed() -> Handover:
    """The list of a witness with three observations, one of them with a remark."""
    found = handover.handover(_record(), SEAT)
    assert isinstance(found, Handover)
    return found


def _part(of: Handover, head: tuple[int, bytes] | None = None) -> str:
    """The part that does not hold; empty where all does."""
    found = handover.check(of, head)
    if isinstance(found, Checked):
        return ""
    assert found.code == "HandoverRefused"
    return str(dict(found.detail)["part"])


def test_a_list_holds_without_the_session_and_says_whose_it_is(listed: Handover) -> None:
    again = handover.read(handover.write(listed))
    assert again == listed
    checked = handover.check(listed, (listed.size, listed.root))
    assert isinstance(checked, Checked)
    state = record.replay(_record())
    assert checked.key == state.seats[SEAT].key
    assert checked.record == state.witness_records[SEAT].chain
    assert [one.number for one in listed.observations] == [1, 2, 3]
    assert [checked.remarks.get_value(one.remark) for one in listed.observations if one.remark] == [
        "M3 离席两分钟"
    ]
    assert checked.bound_at < checked.signed_at


def test_remarks_may_stay_behind(listed: Handover) -> None:
    assert _part(replace(listed, remarks=())) == ""


def test_every_witness_who_signed_has_a_list_and_nobody_else(listed: Handover) -> None:
    found = _record()
    assert list(handover.seats(found)) == ["witness-hefei", SEAT]
    for seat in ("witness-shanghai", "M1", "nobody"):
        refused = handover.handover(found, seat)
        assert isinstance(refused, Refusal)
        assert refused.code == "HandoverRefused"


def test_a_head_that_is_known_from_elsewhere_decides(listed: Handover) -> None:
    assert _part(listed, (listed.size, bytes(32))) == "head"
    assert _part(listed, (listed.size - 1, listed.root)) == "head"


def test_observations_cannot_be_dropped_changed_added_or_put_in_another_order(listed: Handover) -> None:
    one, two, three = listed.observations
    renumbered = (replace(two, number=1), replace(three, number=2))
    for changed in (
        (one, two), (one, two, three, replace(three, number=4)), (two, one, three), renumbered, (),
        (replace(one, finding="irregular"), two, three), (one, replace(two, remark=b""), three),
        (one, two, replace(three, noted_at=three.noted_at + 1)), (one, two, replace(three, subject="M4")),
    ):  # fmt: skip
        assert _part(replace(listed, observations=changed)) == "observations"


def test_a_remark_that_was_not_noted_is_refused(listed: Handover) -> None:
    other = hidden.disclose("remark", bytes(32), "没有这回事")
    (mine,) = listed.remarks
    for remarks in ((other,), (replace(mine, value='"M3 离席两小时"'),), (replace(mine, field="report"),)):
        assert _part(replace(listed, remarks=remarks)) == "remarks"


def test_a_signature_of_another_witness_or_another_session_does_not_serve(listed: Handover) -> None:
    hefei = handover.handover(_record(), "witness-hefei")
    assert isinstance(hefei, Handover)
    assert _part(replace(listed, signed=hefei.signed)) == "signed"
    assert _part(replace(listed, bound=hefei.bound)) == "bound"
    assert _part(replace(listed, seat="witness-hefei")) == "bound"
    assert _part(replace(listed, venue="hefei")) == "signed"
    foreign = handover.handover(_record("record-3-tender"), "witness-hefei")
    assert isinstance(foreign, Handover)
    for name in ("genesis", "bound", "signed"):
        assert _part(replace(listed, **{name: getattr(foreign, name)})) == name


def test_an_entry_that_is_not_in_the_tree_is_refused(listed: Handover) -> None:
    for name in ("genesis", "bound", "signed"):
        placed: Placed = getattr(listed, name)
        for proof in (placed.proof[:-1], placed.proof[::-1], (*placed.proof, bytes(32)), ()):
            assert _part(replace(listed, **{name: Placed(proof, placed.raw)})) == name


def test_a_signed_count_altered_with_the_tree_built_anew_is_caught_by_the_signature(listed: Handover) -> None:
    """The attacker has every venue's disk and no key: it drops an observation and makes a tree that fits.

    Stopped by the author's signature, and by any head known from elsewhere. The control: the untouched list.
    """
    raw = listed.signed.raw.replace(b'"count":3', b'"count":2')
    seq = next(n for n, one in enumerate(_record().entries) if one == listed.signed.raw)
    leaves = [tree.leaf_hash(raw if n == seq else one) for n, one in enumerate(_record().entries)]
    entries = {"genesis": 0, "signed": seq, "bound": _record().entries.index(listed.bound.raw)}
    placed = {
        name: Placed(
            tree.inclusion_proof(leaves, at, len(leaves)), raw if at == seq else _record().entries[at]
        )
        for name, at in entries.items()
    }
    forged = replace(listed, root=tree.root(leaves), observations=listed.observations[:2], **placed)
    assert _part(forged) == "signed"
    assert _part(forged, (listed.size, listed.root)) == "head"
    assert _part(listed, (listed.size, listed.root)) == ""


@pytest.mark.parametrize("seed", range(150))
def test_a_list_of_which_anything_was_changed_does_not_hold(seed: int, listed: Handover) -> None:
    """One value of the list, wherever it stands, becomes another of the same kind."""
    dice = random.Random(seed)
    value: Any = msgspec.json.decode(handover.write(listed))
    places = list(_places(value, ()))
    *way, last = dice.choice(places)
    inner = value
    for step in way:
        inner = inner[step]
    inner[last] = _another(inner[last], dice)
    raw = canonical.encode(value)
    found = handover.read(raw + b"\n")
    assert isinstance(found, Refusal) or _part(found, (listed.size, listed.root)) != "", (way, last)


def _places(value: Any, way: tuple[Any, ...]) -> Any:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from _places(inner, (*way, key))
        else:
            yield (*way, key)


def _another(value: Any, dice: random.Random) -> Any:
    if isinstance(value, int):
        return value + dice.choice((-1, 1))
    if not value:
        return "AAAA"
    at = dice.randrange(len(value.rstrip("=")))
    return value[:at] + ("B" if value[at] != "B" else "C") + value[at + 1 :]


@pytest.mark.parametrize("raw", [b"", b"{}", b"null\n", b"\xff\xfe", b'{"handover":2}', b"[" * 5000])
def test_what_is_no_list_is_refused_as_a_file(raw: bytes) -> None:
    found = handover.read(raw)
    assert isinstance(found, Refusal)
    assert dict(found.detail)["part"] == "file"
