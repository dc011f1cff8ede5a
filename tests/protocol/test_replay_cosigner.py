"""A cosigner that replays vouches for heads over right entries alone, and stops where one is wrong."""

import pytest
from msgspec.structs import replace

from protocol import canonical, entry
from protocol.commands import ProvinceSignature
from protocol.ledger import tree
from protocol.ledger.levels import Levels
from protocol.plan.case import Case
from protocol.replay_cosigner import Fault, ReplayCosigner, genesis_fault, province_bytes
from protocol.seal import signing
from tests.protocol.world import World, key, private_key


@pytest.fixture(scope="module")
def played(case: Case) -> World:
    world = World(case)
    world.to_archived()
    return world


def test_every_head_of_a_right_record_may_be_cosigned_and_no_other(played: World) -> None:
    own = ReplayCosigner(played.session, {})
    assert own.take(played.entries) is None
    assert own.disclose(played.held) is None
    grown = Levels(tree.leaf_hash(raw) for raw in played.entries)
    assert all(own.may_cosign(size, grown.root(size)) for size in (1, 7, grown.size))
    assert not own.may_cosign(grown.size, grown.root(grown.size - 1))
    assert not own.may_cosign(grown.size + 1, grown.root())
    assert not own.may_cosign(0, tree.EMPTY_ROOT)


def test_an_entry_whose_author_did_not_sign_it_or_that_the_rules_do_not_give_ends_it(played: World) -> None:
    one = entry.decode(played.entries[5])
    unsigned = entry.encode(replace(one, sig=entry.decode(played.entries[4]).sig))
    for wrong, code in ((unsigned, "BadSignature"), (played.entries[7], "BadSeq"), (b"{}", "Malformed")):
        own = ReplayCosigner(played.session, {})
        assert own.take(played.entries[:5]) is None
        found = own.take([wrong, *played.entries[6:]])
        assert found is not None
        assert (found.seq, found.code) == (5, code)
        grown = Levels(tree.leaf_hash(raw) for raw in played.entries[:5])
        assert not own.may_cosign(5, grown.root())


def test_a_hidden_input_is_checked_once_it_is_disclosed(played: World) -> None:
    own = ReplayCosigner(played.session, {})
    assert own.take(played.entries) is None
    own.disclose(played.held)
    assert own.fault is None
    assert own.size == len(played.entries)


def test_a_genesis_without_the_signature_of_each_configured_province_is_not_vouched_for(case: Case) -> None:
    world = World(case)
    content, _ = world.book_content()
    booked = replace(content, policy_digest=canonical.sha256(b"policy"))
    provinces = {name: key(name) for name in ("anhui", "jiangsu")}

    def by(name: str, author: str | None = None) -> ProvinceSignature:
        author = author or name
        told = province_bytes(world.session, name, booked.policy_digest)
        return ProvinceSignature(name, key(author), signing.sign(private_key(author), told))

    whole = replace(booked, province_signatures=(by("anhui"), by("jiangsu")))
    assert genesis_fault(world.session, whole, provinces) == ""
    for signatures, code in (
        ((), "ProvinceUnsigned"),
        ((by("anhui"),), "ProvinceUnsigned"),
        ((by("anhui"), by("jiangsu", "stranger")), "ProvinceUnsigned"),
        ((by("anhui"), replace(by("jiangsu"), sig=by("anhui").sig)), "ProvinceForged"),
    ):
        lacking = replace(booked, province_signatures=signatures)
        assert genesis_fault(world.session, lacking, provinces) == code
    assert genesis_fault("s-2", whole, provinces) == "ProvinceForged"
    world.book()
    own = ReplayCosigner(world.session, provinces)
    assert own.take(world.entries) == Fault("ProvinceUnsigned", 0)
