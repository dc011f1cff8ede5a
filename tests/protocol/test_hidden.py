"""Hidden values: a digest gives nothing away, a disclosure proves itself."""

import pytest
from msgspec.structs import replace

from protocol import canonical, hidden
from protocol.hidden import Disclosed, Opening
from protocol.words import Stage

SALT = bytes(range(32))
OPENING = Opening("s-1", Stage("01", "1", 1), "M1", ("b1",), {"b1": {"A1": 750}}, SALT)


def test_a_disclosure_holds_only_as_it_was_made() -> None:
    one = hidden.disclose("price", SALT, "4528.60")
    assert hidden.holds(one)
    assert one.digest == hidden.digest("price", SALT, "4528.60")
    for other in (
        replace(one, value='"4528.61"'), replace(one, salt=bytes(32)), replace(one, field="person"),
        replace(one, digest=bytes(32)), replace(one, value="4528.60"), replace(one, value="x"),
    ):  # fmt: skip
        assert not hidden.holds(other)


def test_the_same_value_under_another_salt_has_another_digest() -> None:
    assert hidden.digest("price", SALT, "1") != hidden.digest("price", bytes(32), "1")


def test_a_salt_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(canonical.NotCanonical):
        hidden.digest("price", b"short", "1")


@pytest.mark.parametrize(
    "other",
    [
        replace(OPENING, session="s-2"), replace(OPENING, expert="M2"),
        replace(OPENING, scores={"b1": {"A1": 751}}), replace(OPENING, nonce=bytes(32)),
        replace(OPENING, bids=("b2",)), replace(OPENING, stage=Stage("01", "1", 2)),
    ],
)  # fmt: skip
def test_a_commitment_binds_every_field_of_the_opening(other: Opening) -> None:
    assert hidden.commitment(other) != hidden.commitment(OPENING)


def test_an_opening_travels_with_its_nonce_as_salt() -> None:
    one = hidden.disclose_opening(OPENING)
    assert hidden.holds(one)
    assert not hidden.holds(replace(one, salt=bytes(32)))
    assert Disclosed([one]).value(one.digest, Opening) == OPENING


def test_false_disclosures_do_not_get_in_and_others_stay() -> None:
    good = hidden.disclose("price", SALT, "1")
    false = replace(hidden.disclose("person", SALT, "x"), value='"y"')
    held = Disclosed([good, false])
    assert set(held) == {good.digest}
    more = hidden.disclose("person", SALT, "z")
    both = held.plus([more])
    assert (len(held), len(both)) == (1, 2)
    assert set(both.only([more.digest, bytes(32)])) == {more.digest}
    assert held.get_value(more.digest) is None
