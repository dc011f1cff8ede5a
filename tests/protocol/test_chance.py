"""Chance that anybody can check: vectors, evenness where it can be counted, and RFC 3797's own example."""

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import canonical, chance
from protocol.chance import Share

GOLDEN = json.loads((Path(__file__).parent / "golden" / "chance-1.json").read_text())
RFC = json.loads((Path(__file__).parents[1] / "data" / "draw" / "rfc3797_vector.json").read_text())


def share(party: str, random: bytes = b"\x01" * 32) -> Share:
    return Share(draw="d1", party=party, random=random, session="s1", subject=b"\x02" * 32)


# --- the seed -----------------------------------------------------------------------------------------------


def test_the_golden_draw_gives_the_same_bytes_as_ever() -> None:
    shares = [
        Share(
            draw=one["draw"], party=one["party"], random=bytes.fromhex(one["random"]),
            session=one["session"], subject=bytes.fromhex(one["subject"]),
        )
        for one in GOLDEN["shares"]
    ]  # fmt: skip
    for made, one in zip(shares, GOLDEN["shares"], strict=True):
        assert chance.commitment(made, bytes.fromhex(one["salt"])).hex() == one["commitment"]
    seed = chance.seed(shares)
    assert seed.hex() == GOLDEN["seed"]
    for order in GOLDEN["orders"]:
        assert list(itertools.islice(chance.words(seed, order["label"]), 5)) == [
            int(word) for word in order["words"]
        ]
        assert list(chance.drawn_order(seed, order["label"], order["size"])) == order["order"]


def test_the_golden_seed_follows_from_the_specification_alone() -> None:
    """By the formulas of SPEC 2 and 15.1, without the room's own functions."""
    first = GOLDEN["shares"][0]
    shares = sorted([one["party"], bytes.fromhex(one["random"])] for one in GOLDEN["shares"])
    value = {
        "draw": first["draw"], "session": first["session"], "shares": shares,
        "subject": bytes.fromhex(first["subject"]),
    }  # fmt: skip
    seed = canonical.sha256(canonical.tag("draw-seed/v1") + canonical.encode(value))
    assert seed.hex() == GOLDEN["seed"]
    label = GOLDEN["orders"][0]["label"]
    key = canonical.sha256(canonical.tag("draw-stream/v1") + canonical.encode([label, seed]))
    block = canonical.sha256(canonical.tag("draw-block/v1") + key + bytes(8))
    assert int.from_bytes(block[:8], "big") == int(GOLDEN["orders"][0]["words"][0])


@given(st.permutations(["anhui", "jiangsu", "shanghai", "supervisor", "zhejiang"]))
def test_the_order_of_provinces_does_not_matter(parties: list[str]) -> None:
    made = [share(party, canonical.sha256(party.encode())) for party in parties]
    assert chance.seed(made) == chance.seed(sorted(made, key=lambda one: one.party))


def test_one_bit_of_one_province_makes_another_seed() -> None:
    made = [share("anhui"), share("jiangsu")]
    other = [share("anhui"), share("jiangsu", b"\x01" * 31 + b"\x00")]
    assert chance.seed(made) != chance.seed(other)


def test_a_commitment_is_opened_by_its_own_share_and_salt_alone() -> None:
    made, salt = share("anhui"), bytes(32)
    committed = chance.commitment(made, salt)
    assert chance.reveals(committed, made, salt)
    assert not chance.reveals(committed, made, b"\x01" * 32)
    for other in (
        replace(made, party="jiangsu"), replace(made, random=bytes(32)), replace(made, draw="d2"),
        replace(made, session="s2"), replace(made, subject=bytes(32)),
    ):  # fmt: skip
        assert not chance.reveals(committed, other, salt)


# --- evenness ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bound", range(1, 9))
def test_every_number_below_a_bound_comes_from_equally_many_words(bound: int) -> None:
    """All words of three bits: those that would tilt the lot are thrown away."""
    counted: Counter[int] = Counter()
    for word in range(8):
        try:
            counted[chance.below(iter([word]), bound, span=8)] += 1
        except StopIteration:
            assert word >= 8 - 8 % bound
    assert set(counted) == set(range(bound))
    assert len(set(counted.values())) == 1


@pytest.mark.parametrize("size", range(1, 7))
def test_every_order_is_reached_by_exactly_one_sequence_of_choices(size: int) -> None:
    """Even choices make even orders: the choices and the orders are one to one."""
    bounds = [size - place for place in range(size - 1)]
    counted: Counter[tuple[int, ...]] = Counter()
    for choices in itertools.product(*(range(bound) for bound in bounds)):
        left = iter(choices)
        counted[chance.permutation(size, lambda _, left=left: next(left))] += 1  # type: ignore[misc]
    assert set(counted) == set(itertools.permutations(range(size)))
    assert set(counted.values()) == {1}


@given(st.binary(min_size=32, max_size=32), st.integers(0, 60))
def test_a_drawn_order_has_every_number_once(seed: bytes, size: int) -> None:
    order = chance.drawn_order(seed, ["x"], size)
    assert sorted(order) == list(range(size))


def test_labels_keep_purposes_apart() -> None:
    seed = bytes(32)
    assert chance.drawn_order(seed, ["a", "b"], 50) != chance.drawn_order(seed, ["ab"], 50)


# --- RFC 3797 ----------------------------------------------------------------------------------------------


def test_the_worked_example_of_rfc_3797_is_drawn_again() -> None:
    key = chance.rfc3797_key(RFC["inputs"])
    assert key.decode() == RFC["key"]
    digests = [chance.rfc3797_digest(key, place).hex().upper() for place in range(len(RFC["md5"]))]
    assert digests == RFC["md5"]
    picked = chance.rfc3797_selected(key, len(RFC["pool"]), len(RFC["selected"]))
    assert list(picked) == RFC["selected_index"]
    assert [RFC["pool"][one - 1] for one in picked] == RFC["selected"]
