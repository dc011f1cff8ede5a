"""The tenderee who is played opens sealed bids as its desk asks, and accounts for what stays shut."""

import pytest

from ops.people.deed import Deed, Recollection, Scene
from ops.people.roles.next import next_deed_of
from ops.senses import Dice
from protocol import commands_ceremony as acts
from protocol.entry import Entry
from protocol.projection import project
from tests.protocol.session.ceremony.opened import Opening


def next_deed(opening: Opening) -> Deed | None:
    view = project.view(opening.at, opening.disclosed, "tenderee", "tenderee")
    return next_deed_of(
        Scene(view, "tenderee", "tenderee", opening.case, Dice("1"), opening.now, Recollection())
    )


def carry_out(opening: Opening, deed: Deed | None) -> None:
    assert deed is not None
    assert deed.content is not None
    assert isinstance(opening.do("tenderee", deed.content, deed.stage, deed.disclosures), Entry)


def test_it_begins_once_the_custodians_are_appointed_and_the_venues_have_keys() -> None:
    opening = Opening()
    assert next_deed(opening) is None
    opening.to_prepared()
    carry_out(opening, next_deed(opening))
    assert opening.here.phase == "OPENING"
    assert next_deed(opening) is None


@pytest.mark.parametrize(
    ("late", "result", "reason"),
    [
        (("bid-004",), "opened", "not_released"),
        ((), "dealer_fault", "dealer_fault"),
        ((), "container_broken", "container_broken"),
    ],
)
def test_it_accounts_for_a_bid_as_the_record_says_and_the_others_are_published(
    late: tuple[str, ...], result: str, reason: str
) -> None:
    opening = Opening().to_custody(late)
    other = {} if result == "opened" else {"bid_004": acts.OpenedBid("bid-004", result, b"")}  # type: ignore[arg-type]
    for venue in ("hefei", "nanjing"):
        assert next_deed(opening) is None
        assert opening.report(venue, opening.found(**other)) == ""
    carry_out(opening, next_deed(opening))
    failed = opening.opening.failures["bid-004"]
    assert (failed.cause, failed.reason) == ("revoked", reason)
    assert next_deed(opening) is None
    assert opening.publish({one.bid: one for one in opening.bids[:3]}) == ""
