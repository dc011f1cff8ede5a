"""Who is told how far a venue is with the bids that it opens."""

import pytest

from protocol.decrypting import BidRead, Decrypting, DecryptingWanted
from protocol.refusals import Refusal
from protocol.words import Role
from sub_venue.seats.decrypting_desk import DecryptingDesk
from sub_venue.seats.page import Page
from sub_venue.seats.screens import Seated

READ = (BidRead("01", "1", "bid-001", 1_000, 250),)
PAGE = Page("sid", lambda: None, lambda: None, lambda: 0)


def desk(seated: Seated | None) -> DecryptingDesk:
    return DecryptingDesk(lambda _session: READ, lambda _page: seated)


def seated(role: Role, session: str = "s-1") -> Seated:
    return Seated(session, "seat-1", role, "ed25519:key")


@pytest.mark.parametrize("role", ["agent", "tenderee", "expert", "witness", "supervisor", "keeper"])
async def test_whoever_is_shown_an_opening_is_told_how_far_the_venue_is(role: Role) -> None:
    told = await desk(seated(role)).decrypting(PAGE, DecryptingWanted("s-1"))
    assert told == Decrypting("s-1", READ)


async def test_nobody_else_is_told() -> None:
    """Another session's page, one that has proved no key, and a role that is shown no opening."""
    wanted = DecryptingWanted("s-1")
    for here, code in (
        (seated("agent", "s-2"), "NotSignedIn"), (None, "NotSignedIn"), (seated("custodian"), "NotAllowed"),
    ):  # fmt: skip
        refused = await desk(here).decrypting(PAGE, wanted)
        assert isinstance(refused, Refusal)
        assert refused.code == code
