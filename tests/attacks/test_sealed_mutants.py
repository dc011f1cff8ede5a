"""Seeded mutants of a sealed bid: none is whole, none opens.

Says what the attacker had, what it tried, what stopped it, and has its control that succeeds.
"""

import random

import pytest

from protocol.seal import suites
from protocol.seal.refused import SealRefused
from tests.protocol.seal.bids import SealedBid, inspect, seal, unseal


@pytest.fixture(scope="module", params=suites.NAMES)
def bid(request: pytest.FixtureRequest) -> SealedBid:
    return seal(request.param)


def code(raw: bytes, of: SealedBid) -> str:
    """What opening these bytes with the bid's key comes to: `opened`, or the refusal's code."""
    try:
        unseal(of.suite, of.key, raw)
    except SealRefused as refused:
        return refused.code
    return "opened"


@pytest.mark.parametrize("seed", range(120))
def test_no_mutant_of_a_container_is_whole_or_opens(bid: SealedBid, seed: int) -> None:
    """Had: the storage. Tried: bytes flipped, cut out, put in and overwritten, by a seed.

    Stopped by: the frame, the segments, the signature, and under them the seal. Control: the original, below.
    """
    dice, raw = random.Random(seed), bytearray(bid.raw)
    for _ in range(dice.choice((1, 1, 3))):
        near = (bid.starts[0], len(raw), 400)
        at = dice.randrange(dice.choice(near)) * dice.choice((1, -1)) % len(raw)
        match dice.randrange(4):
            case 0:
                raw[at] ^= 1 << dice.randrange(8)
            case 1:
                del raw[at : at + 1 + dice.randrange(50)]
            case 2:
                raw[at:at] = dice.randbytes(1 + dice.randrange(30))
            case _:
                raw[at : at + 8] = b"\xff" * 8
    assert bytes(raw) != bid.raw
    assert not inspect(bytes(raw)).whole
    assert code(bytes(raw), bid) in {"SealBroken", "ContainerBroken", "SuiteMixed", "FileChanged"}


def test_the_original_of_the_mutants_is_whole_and_opens(bid: SealedBid) -> None:
    assert inspect(bid.raw).whole
    assert code(bid.raw, bid) == "opened"
