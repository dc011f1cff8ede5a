"""A bid's key and its groups: what any t of n give back, who is named when something is false.

`_oracle` deals a second time with `hashlib` and `hmac` alone and plain modular arithmetic, from SPEC 21.
"""

import base64
import contextlib
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import canonical
from protocol.seal import dealing, suites
from protocol.seal.dealing import Bid, Custodian, Dealing, Group
from protocol.seal.refused import SealRefused
from tests.protocol.seal.dealt import KEY, Held, keys, the_bid

GOLDEN = Path(__file__).parent.parent / "golden" / "dealing-1.json"
BOTH = pytest.mark.parametrize("name", ["intl-1", "gm-1"])


@pytest.fixture(scope="module", params=["intl-1", "gm-1"])
def held(request: pytest.FixtureRequest) -> Held:
    """Three of five, in either suite."""
    return Held(request.param)


@contextlib.contextmanager
def refused(code: str, **detail: str) -> Iterator[None]:
    """A refusal of this code, and with these particulars, is raised within."""
    with pytest.raises(SealRefused) as info:
        yield
    assert info.value.code == code
    assert detail.items() <= dict(info.value.refusal.detail).items()


def test_any_three_of_five_give_the_key_and_two_give_none(held: Held) -> None:
    for some in itertools.combinations(held.shares, 3):
        assert held.combine(list(some)) == KEY
    assert held.combine(held.shares) == KEY
    for few in itertools.combinations(held.shares, 2):
        with refused("SharesTooFew", group="centres"):
            held.combine(list(few))


def test_a_share_given_twice_counts_once(held: Held) -> None:
    with refused("SharesTooFew"):
        held.combine([held.shares[0], held.shares[0], held.shares[1]])


@pytest.mark.parametrize("field", ["share", "blinder"])
def test_a_false_share_names_its_custodian(held: Held, field: str) -> None:
    false = msgspec.structs.replace(held.shares[1], **{field: bytes(32)})
    assert not dealing.fits(held.suite, held.dealt, false)
    with refused("ShareFalse", custodian="c2", group="centres"):
        held.combine([held.shares[0], false, held.shares[2]])
    assert held.combine([held.shares[0], held.shares[2], held.shares[4]]) == KEY


def test_a_share_under_another_place_or_name_is_false(held: Held) -> None:
    for changed in ({"index": 3}, {"index": 0}, {"index": 6}, {"custodian": "c3"}, {"group": "others"}):
        false = msgspec.structs.replace(held.shares[1], **changed)
        assert not dealing.fits(held.suite, held.dealt, false)


def test_shares_of_another_bid_are_refused(held: Held) -> None:
    other = the_bid(held.suite.name, bid="b8")
    dealt = dealing.deal(held.suite, other, held.group, KEY)
    foreign = dealing.take(held.suite, other, dealt, 1, held.keys[0])
    with refused("ShareFalse", custodian="c1"):
        held.combine([foreign, *held.shares[1:3]])


def test_a_box_moved_to_another_bid_place_or_group_does_not_open(held: Held) -> None:
    for other in ("project", "lot", "envelope", "bid"):
        with refused("BoxRefused"):
            dealing.take(held.suite, the_bid(held.suite.name, **{other: "x"}), held.dealt, 1, held.keys[0])
    swapped = list(held.dealt.members)
    swapped[0] = msgspec.structs.replace(swapped[0], box=held.dealt.members[1].box)
    with refused("BoxRefused"):
        moved = msgspec.structs.replace(held.dealt, members=tuple(swapped))
        dealing.take(held.suite, held.bid, moved, 1, held.keys[0])
    with refused("BoxRefused"):
        renamed = msgspec.structs.replace(held.dealt, group="others")
        dealing.take(held.suite, held.bid, renamed, 1, held.keys[0])


def test_another_custodians_key_opens_no_box(held: Held) -> None:
    with refused("BoxRefused"):
        dealing.take(held.suite, held.bid, held.dealt, 1, held.keys[1])


def test_a_dealer_that_commits_to_another_share_is_found_by_the_custodian(held: Held) -> None:
    members = list(held.dealt.members)
    members[2] = msgspec.structs.replace(members[2], commitment=bytes(32))
    false = msgspec.structs.replace(held.dealt, members=tuple(members))
    with refused("DealerFault", custodian="c3"):
        dealing.take(held.suite, held.bid, false, 3, held.keys[2])


def test_a_dealer_whose_shares_disagree_is_found_whichever_shares_are_used(held: Held) -> None:
    """The attack: shares 1 to 3 of one polynomial, 4 and 5 of another, all well committed and boxed."""
    other = dealing.deal(held.suite, held.bid, held.group, bytes(31) + b"\7")
    mixed = msgspec.structs.replace(held.dealt, members=held.dealt.members[:3] + other.members[3:])
    shares = [dealing.take(held.suite, held.bid, mixed, index, key) for index, key in enumerate(held.keys, 1)]
    for some in itertools.combinations(shares, 3):
        with refused("DealerFault"):
            held.combine(list(some), mixed)


def test_a_dealer_that_commits_to_another_key_is_found(held: Held) -> None:
    false = msgspec.structs.replace(held.dealt, key_commitment=bytes(32))
    with refused("DealerFault"):
        held.combine(held.shares[:3], false)


def test_a_threshold_changed_in_the_header_is_found(held: Held) -> None:
    """Two instead of three: two shares then interpolate to something that was never committed to."""
    false = msgspec.structs.replace(held.dealt, threshold=2)
    with refused("DealerFault"):
        held.combine(held.shares[:2], false)


def test_groups_that_cannot_be_are_refused(held: Held) -> None:
    members = held.group.members
    for wrong in (
        Group("centres", members, 0),
        Group("centres", members, 6),
        Group("centres", (), 1),
        Group("centres", (members[0], members[0]), 2),
        Group("bidder", members, 3),
        Group("centres", tuple(Custodian(f"c{n}", members[0].public) for n in range(32)), 3),
    ):
        with refused("GroupRefused"):
            dealing.deal(held.suite, held.bid, wrong, KEY)


@pytest.mark.parametrize("wrong", [bytes(32), b"\xff" * 32, bytes(31), bytes(33), dealing.ORDER.to_bytes(32)])
def test_keys_that_are_no_number_of_the_field_are_refused(held: Held, wrong: bytes) -> None:
    with refused("KeyRefused"):
        dealing.deal(held.suite, held.bid, held.group, wrong)


def test_keys_of_the_other_suite_are_refused() -> None:
    intl, gm = Held("intl-1", 1, 1), Held("gm-1", 1, 1)
    with refused("KeyRefused"):
        dealing.deal(intl.suite, intl.bid, gm.group, KEY)
    with refused("SuiteMixed"):
        dealing.deal(intl.suite, gm.bid, intl.group, KEY)


@BOTH
def test_a_bids_key_needs_every_group_and_the_bidder(name: str) -> None:
    suite, bid = suites.get(name), the_bid(name)
    whole = {"bidder": bytes([1]) * 32, "centres": bytes([2]) * 32, "tenderee": bytes([3]) * 32}
    found = dealing.bid_key(suite, bid, whole)
    assert len(found) == suite.key_bytes
    assert found == dealing.bid_key(suite, bid, dict(reversed(whole.items())))
    others = [
        dealing.bid_key(suite, bid, whole | {"centres": whole["tenderee"], "tenderee": whole["centres"]}),
        dealing.bid_key(suite, bid, whole | {"bidder": bytes(32)}),
        dealing.bid_key(suite, bid, {key: whole[key] for key in ("bidder", "centres")}),
        dealing.bid_key(suite, the_bid(name, lot="02"), whole),
    ]
    assert len({found, *others}) == 5


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 7), threshold=st.integers(1, 7), secret=st.integers(1, dealing.ORDER - 1),
    order=st.randoms(use_true_random=False), name=st.sampled_from(["intl-1", "gm-1"]),
)  # fmt: skip
def test_whichever_members_and_in_whatever_order(
    count: int, threshold: int, secret: int, order: Any, name: str
) -> None:
    threshold = min(threshold, count)
    found = Held(name, threshold, count, secret.to_bytes(32))
    some = order.sample(found.shares, threshold)
    assert found.combine(some) == secret.to_bytes(32)


# --- by other means -----------------------------------------------------------------------------------------


def _oracle(golden: dict[str, Any]) -> tuple[list[tuple[bytes, bytes, bytes]], bytes]:
    """Share, blinder and commitment of each member, and the key's commitment."""
    digest = {"intl-1": "sha256", "gm-1": "sm3"}[golden["bid"]["suite"]]
    bid, key = golden["bid"], bytes.fromhex(golden["key"])
    names = golden["custodians"]

    def tagged(domain: str) -> bytes:
        return hashlib.sha256(b"tongchang/" + domain.encode()).digest()

    def text(value: Any) -> bytes:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    def hashed(data: bytes) -> bytes:
        return hashlib.new(digest, data).digest()

    def derived(salt: bytes, info: bytes, length: int) -> bytes:
        under = hmac.new(salt, key, digest).digest()
        found, block = b"", b""
        for number in range(1, -(-length // 32) + 1):
            block = hmac.new(under, block + info + bytes([number]), digest).digest()
            found += block
        return found[:length]

    salt = hashed(tagged("dealing/v1") + text([bid, golden["group"], golden["threshold"], names]))
    wide = [
        int.from_bytes(derived(salt, tagged("dealing/coefficient/v1") + bytes([power]), 48), "big")
        for power in range(1, golden["threshold"])
    ]
    found = []
    for place, name in enumerate(names, 1):
        value = int.from_bytes(key, "big") + sum(a * place**power for power, a in enumerate(wide, 1))
        share = (value % dealing.ORDER).to_bytes(32, "big")
        blinder = derived(salt, tagged("dealing/blinder/v1") + bytes([place]), 32)
        plain = {
            "bid": bid, "blinder": base64.b64encode(blinder).decode(), "custodian": name,
            "group": golden["group"], "index": place, "share": base64.b64encode(share).decode(),
        }  # fmt: skip
        found.append((share, blinder, hashed(tagged("share/v1") + text(plain))))
    return found, hashed(tagged("group-key/v1") + text([bid, golden["group"]]) + key)


def _golden() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(GOLDEN.read_text())
    return found


@pytest.mark.parametrize("golden", _golden(), ids=lambda one: one["bid"]["suite"])
def test_golden_dealings_agree_with_ours_and_with_the_oracle(golden: dict[str, Any]) -> None:
    theirs, key_commitment = _oracle(golden)
    suite = suites.get(golden["bid"]["suite"])
    bid = msgspec.convert(golden["bid"], Bid)
    ours = Held(suite.name, golden["threshold"], len(golden["custodians"]), bytes.fromhex(golden["key"]))
    assert [(one.share, one.blinder) for one in ours.shares] == [
        (share, blinder) for share, blinder, _ in theirs
    ]
    assert [one.commitment for one in ours.dealt.members] == [commitment for _, _, commitment in theirs]
    assert ours.dealt.key_commitment == key_commitment
    for index, line in enumerate(golden["members"]):
        assert [one.hex() for one in theirs[index]] == [line["share"], line["blinder"], line["commitment"]]
    assert key_commitment.hex() == golden["key_commitment"]
    keyed = {name: bytes.fromhex(key) for name, key in golden["keys"].items()}
    assert dealing.bid_key(suite, bid, keyed).hex() == golden["bid_key"]


@pytest.mark.parametrize("golden", _golden(), ids=lambda one: one["bid"]["suite"])
def test_golden_boxes_open(golden: dict[str, Any]) -> None:
    """Boxes are made with fresh randomness each time, so that only opening them can be compared."""
    suite = suites.get(golden["bid"]["suite"])
    found = canonical.decode(
        json.dumps(golden["dealing"], sort_keys=True, separators=(",", ":")).encode(), Dealing
    )
    for index, key in enumerate(keys(suite, len(golden["custodians"])), 1):
        share = dealing.take(suite, msgspec.convert(golden["bid"], Bid), found, index, key)
        assert share.share.hex() == golden["members"][index - 1]["share"]
