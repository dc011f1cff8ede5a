"""The golden purchase of rules version 3: one brand, a small business, sealed votes, a second report."""

from msgspec.structs import replace

from protocol import commands as cmd
from protocol import commands_draw as form
from protocol import commands_review as review
from protocol import commands_turns as turns
from protocol.plan.case import Case
from protocol.plan.conduct import Conduct
from protocol.plan.policy import LowPriceCheck, SmallBusiness
from protocol.plan.review import ReviewPlan
from protocol.words import SESSION_STAGE
from tests.protocol import reviewing as re
from tests.protocol import turning
from tests.protocol.acting import HOUR_MS, MINUTE_MS, Acting, with_plan
from tests.protocol.golden.whole import held
from tests.protocol.world import salt

PURCHASE_SESSION = "s-golden-3-purchase"


def purchase(case: Case) -> Acting:
    """The desk's review, one brand, a small business, sealed votes, too long a stop, a second report."""
    world = Acting(_purchase_case(case), PURCHASE_SESSION)
    _purchase_opened(world)
    _purchase_reviewed(world)
    _purchase_stopped(world)
    _purchase_ranked(world)
    _purchase_reported(world)
    return world


def _purchase_case(case: Case) -> Case:
    """The sample as a purchase: votes sealed, low prices explained, 5 % for small businesses."""
    scheme = replace(
        case.plan.schemes[0],
        small_business=SmallBusiness(quantity="small", percent="5"),
        low_prices=(LowPriceCheck(than="mean", percent="97"),),
    )
    bids = tuple(
        replace(bid, quantities={"small": "100"}) if bid.bidder in ("b2", "b3") else bid for bid in case.bids
    )
    return with_plan(
        replace(case, bids=bids), schemes=(scheme,), regime="GOV_PROC", review=ReviewPlan(ballot="secret"),
        conduct=Conduct(chair="elected", chair_ballot="open"), candidates_max=2,
    )  # fmt: skip


def _purchase_opened(world: Acting) -> None:
    world.to_check_in()
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    _elect(world, "M2")
    stage = world.stage("01", "1")
    held(re.publish(world))
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        held(re.check_blind(world, bidder))
        desk = review.MarkItem(bidder, (review.Mark("qualification", "pass", b""),))
        world.must("tenderee", desk, stage)
    world.must("agent", cmd.BeginPreliminary(), stage)


def _purchase_reviewed(world: Acting) -> None:
    """The purchaser finds two bids of one brand and looks at both declarations; members mark."""
    held(re.same_brand(world, "b1", "b4", by="tenderee"))
    held(re.confirm_share(world, "b3", "100"))
    held(re.confirm_share(world, "b2", "0", by="tenderee"))
    re.pass_all(world)
    held(re.conclude(world))


def _purchase_stopped(world: Acting) -> None:
    """A stop of 4 h 10 voids the committee; another one does everything anew."""
    world.seal("M1", "01", "1")
    world.suspend("agent", "power")
    world.wait(4 * HOUR_MS + 10 * MINUTE_MS)
    world.void()
    world.rebuild("N")
    world.must("agent", cmd.OpenCheckIn())
    world.check_in_all()
    world.must("agent", cmd.LockRoster())
    _elect(world, "N2")
    stage = world.stage("01", "1")
    held(re.publish(world))
    for bidder in ("b1", "b2", "b3", "b4", "b5"):
        held(re.check_blind(world, bidder))
    world.must("agent", cmd.BeginPreliminary(), stage)
    _purchase_reviewed(world)


def _elect(world: Acting, chair: str) -> None:
    world.must("agent", form.OpenChairBallot(secret=False))
    for seat in world.members()[:3]:
        world.must(seat, form.ElectChair(chair, b""))


def _purchase_ranked(world: Acting) -> None:
    """The lowest price is asked about, its reasons are voted on under seal and kept; then the ranking."""
    world.to_tally("01", "1")
    turning.explain_all(world, "01", "1")
    held(re.ask(world, "N1", "b5", "low_price"))
    held(re.answer(world, "agent", 1, "自有设备与材料库存,成本明细见附件"))
    held(re.close(world, "N1", 1, "answered"))
    held(re.propose(world, "N1", "b5", "87-60"))
    for seat in world.members():
        held(re.seal_vote(world, seat, "b5", "87-60", "yes" if seat == "N1" else "no"))
    for seat in world.members():
        held(re.open_vote(world, seat, "b5", "87-60", "yes" if seat == "N1" else "no"))
    world.must("agent", cmd.ConfirmRanking(), world.stage("01", "1"))


def _purchase_reported(world: Acting) -> None:
    """Somebody sees a wrong sum when two have signed; the same committee looks again, then all answer."""
    report = world.to_signing()
    for seat in ("N1", "N2"):
        world.must(seat, cmd.SignReport(report))
    held(turning.reevaluate(world))
    stage = world.stage("01", "1")
    world.must("agent", turns.BeginRecheck("sum_error"), stage)
    world.must("agent", turns.EndRecheck(), stage)
    world.tally("01", "1")
    world.confirm("01", "1")
    world.must("agent", cmd.BeginReport())
    told = world.hide("report", "the second report", turning.report(world))
    content = cmd.ImportReport("test", salt("second report"), "test", told.digest)
    world.must("agent", content, SESSION_STAGE, (told,))
    for seat in ("N1", "N2", "N3", "N4"):
        world.must(seat, cmd.SignReport(world.at.report))
    world.wait(3 * HOUR_MS)
    deemed, record = world.deeming("N5")
    world.must("agent", deemed, SESSION_STAGE, record)
    world.must("agent", cmd.SubmitReport())
    world.must("agent", cmd.ArchiveSession())
