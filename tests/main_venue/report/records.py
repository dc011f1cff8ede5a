"""Records to report on: whole sessions of a case, played in memory."""

from functools import cache

import msgspec

from main_venue.report import gathered
from main_venue.report.gathered import Gathered
from protocol import record
from protocol.plan.case import Case, Rejection, read_case
from tests.house import ground
from tests.protocol.world import World

SAMPLE = "ops/sample/case.json"
GOV_PROC = "ops/cases/cn_sdjzu_2024_pkg2.json"
LOW_PRICE = "ops/cases/textbook_cn_87_low_price_priority.json"
ADJUSTED_PRICE = "ops/cases/us_mndot_i35w_2007.json"


def case(path: str) -> Case:
    """A case of the project's."""
    found = read_case((ground.ROOT / path).read_bytes())
    assert isinstance(found, Case), found
    return found


def played(of: Case) -> bytes:
    """The record of a case's session, from the booking to the archive."""
    world = World(of)
    world.to_archived()
    return record.write(world.session, world.entries, world.held)


@cache
def archived(path: str) -> bytes:
    """The record of one of the project's cases."""
    return played(case(path))


@cache
def one_rejected() -> bytes:
    """The sample's record with the last bidder rejected in preliminary review."""
    out = Rejection(lot="01", bidder="b5", ground_zh="未按要求签字盖章")
    return played(msgspec.structs.replace(case(SAMPLE), rejections=(out,), expected=None))


def read(raw: bytes) -> Gathered:
    """What a record tells, from its bytes alone."""
    found = record.read(raw)
    return gathered.gather(found, record.replay(found))
