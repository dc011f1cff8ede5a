"""Milestones of rules version 4: a hard quorum, a bounded wait for the rest, what is owed and settled."""

from msgspec.structs import replace

from protocol import commands as cmd
from protocol import entry
from protocol.commands_milestones import DisclosePolicy, SettleCosignature
from protocol.entry import Entry
from protocol.events import MilestonePending, MilestoneReached
from protocol.hidden import Disclosed, Disclosure
from protocol.ledger import kinds, note, quorum, trust
from protocol.ledger.quorum import Group, Party
from protocol.plan.case import Case
from protocol.projection import alerts, bidder, cosigned
from protocol.projection.alerts import Watched
from protocol.refusals import Refusal
from protocol.session import deadlines
from protocol.session.apply import apply_known
from protocol.session.evolve import evolve
from protocol.session.milestones.due import Found, proposed
from protocol.session.state import head, is_reached
from protocol.views import AlertView, LateView
from protocol.words import PERSON_ROLES, SESSION_STAGE
from tests.protocol.world import World, private_key

NAMES = ("anhui", "jiangsu", "shanghai", "zhejiang")
WAIT_MS = 180_000


def policy_text(session: str, *, hard: str = "") -> str:
    """Three of four have to sign; with `hard`, that one always."""
    origin = f"bids.example/{session}"
    log = note.ed25519_signer(origin, private_key("log")).key
    keys = [
        note.ed25519_signer(f"{name}.example/cosigner", private_key(name), kinds.COSIGNATURE).key
        for name in NAMES
    ]
    policy = trust.live(Party(origin, log, ""), [(n, (k,), "") for n, k in zip(NAMES, keys, strict=True)])
    if hard:
        rest = tuple(name for name in NAMES if name != hard)
        groups = (Group("rest", 2, rest), Group("live", 2, (hard, "rest")))
        policy = replace(policy, groups=groups)
    return trust.text(policy)


class Cosigned(World):
    """A session whose genesis names a policy."""

    def __init__(self, case: Case, *, hard: str = "") -> None:
        super().__init__(case, rules="4")
        self.policy = policy_text(self.session, hard=hard)

    def book_content(self) -> tuple[cmd.BookSession, Disclosure]:
        content, plan = super().book_content()
        digest = trust.digest(quorum.read(self.policy))
        return replace(content, policy_digest=digest), plan

    def found(self, *cosigned: str) -> Found:
        now = head(self.at)
        return Found(self.policy, now.size, now.root, cosigned)

    def propose(self, found: Found) -> Entry | Refusal | None:
        command = proposed(self.at, self.now, found)
        return None if command is None else self.take(command, "installation")

    def booked(self) -> "Cosigned":
        self.book()
        assert isinstance(self.propose(self.found()), Entry)
        return self

    def genesis(self, *cosigned: str) -> Entry | Refusal | None:
        return self.propose(self.found(*cosigned))


def watched(world: World, last: int) -> tuple[AlertView, ...]:
    """The alerts as of an entry."""
    found, before = Watched(), None
    for raw in world.entries[: last + 1]:
        one = entry.decode(raw)
        found = alerts.watch(before, one, found)
        before = apply_known(before, one, raw)
    return found.alerts


def code(result: Entry | Refusal | None) -> str:
    return result.code if isinstance(result, Refusal) else ""


def test_the_policy_that_genesis_names_is_disclosed_first_and_no_other(case: Case) -> None:
    world = Cosigned(case)
    world.book()
    assert world.propose(Found("quorum none\n")) is None
    other = DisclosePolicy(policy=policy_text("another"))
    own = deadlines.own(world.at, SESSION_STAGE, other, "other", world.now)
    assert code(world.take(own, "installation")) == "PolicyForeign"
    world.propose(world.found())
    assert world.at.cosigning.policy == world.policy
    own = deadlines.own(world.at, SESSION_STAGE, DisclosePolicy(policy=world.policy), "again", world.now)
    assert code(world.take(own, "installation")) == "AlreadyDone"


def test_all_who_cosigned_make_a_milestone_at_once_and_guards_read_only_the_entry(case: Case) -> None:
    world = Cosigned(case).booked()
    content, disclosures = world.committee_content()
    early = world.do("agent", content, SESSION_STAGE, disclosures)
    assert code(early if isinstance(early, Refusal) else None) == "MilestoneAwaited"
    made = world.genesis(*NAMES)
    assert isinstance(made, Entry)
    (event,) = made.events
    assert isinstance(event, MilestoneReached)
    assert (event.cosigned, event.owed) == (NAMES, ())
    assert is_reached(world.at, "genesis")


def test_who_is_missing_beyond_the_quorum_is_awaited_and_then_owed(case: Case) -> None:
    world = Cosigned(case).booked()
    since = world.at.cosigning.waiting["genesis@"].since if "genesis@" in world.at.cosigning.waiting else 0
    (waiting,) = world.at.cosigning.waiting.values()
    assert since in {0, waiting.since}
    assert world.genesis(*NAMES[:3]) is None
    _, next_at = deadlines.due(world.at, world.now)
    assert next_at == waiting.since + WAIT_MS
    world.now = waiting.since + WAIT_MS
    made = world.genesis(*NAMES[:3])
    assert isinstance(made, Entry)
    (reached,) = world.at.milestones.values()
    assert (reached.cosigned, reached.owed) == (NAMES[:3], ("zhejiang",))
    # Its cosignature follows, under this head or one above it.
    settled = world.propose(world.found("zhejiang"))
    assert isinstance(settled, Entry)
    (reached,) = world.at.milestones.values()
    assert (reached.cosigned, reached.owed) == (NAMES, ())
    assert world.propose(world.found(*NAMES)) is None
    # Whoever is shown milestones sees who owed since when, and when it was settled.
    for role in PERSON_ROLES:
        (shown,) = cosigned.milestones(world.at, role)
        assert shown.late == (LateView("zhejiang", made.at, settled.at),)
    for after, ended in ((made, 0), (settled, settled.at)):
        (alert,) = watched(world, after.seq)
        assert (alert.kind, alert.until) == ("MilestoneOwed", ended)


def test_where_nobody_cosigns_the_policy_asks_for_the_logs_own_head_alone(case: Case) -> None:
    world = Cosigned(case)
    log = note.ed25519_signer(f"bids.example/{world.session}", private_key("log")).key
    world.policy = trust.text(trust.live(Party(log.name, log, ""), ()))
    world.book()
    # A shell that asks nobody has found nothing.
    assert isinstance(world.propose(Found(world.policy)), Entry)
    before = head(world.at)
    made = world.propose(Found(world.policy))
    assert isinstance(made, Entry)
    (event,) = made.events
    assert isinstance(event, MilestoneReached)
    assert (event.size, event.root, event.cosigned, event.owed) == (before.size, before.root, (), ())


def test_who_stands_beside_another_has_no_vote_and_who_waits_hard_is_never_outvoted() -> None:
    log = note.ed25519_signer("bids.example/s-1", private_key("log")).key
    names = (*NAMES, "replay")
    keys = [note.ed25519_signer(f"{n}.example/c", private_key(n), kinds.COSIGNATURE).key for n in names]
    parties = [(name, (key,), "") for name, key in zip(names, keys, strict=True)]
    policy = trust.live(Party(log.name, log, ""), parties, {"replay": "anhui"}, ("jiangsu",))
    assert quorum.read(trust.text(policy)) == quorum.read(quorum.write(policy))
    assert policy.is_met(("anhui", "jiangsu", "replay", "shanghai"))
    assert policy.is_met(("jiangsu", "shanghai", "zhejiang"))
    # Anhui's vote is there with both its lines alone, and without Jiangsu nothing goes on.
    assert not policy.is_met(("anhui", "jiangsu", "shanghai"))
    assert not policy.is_met(("anhui", "replay", "shanghai", "zhejiang"))


def test_without_the_quorum_no_time_is_long_enough(case: Case) -> None:
    world = Cosigned(case).booked()
    world.now += 100 * WAIT_MS
    assert world.genesis(*NAMES[:2]) is None
    now = head(world.at)
    content = cmd.ReachMilestone(
        milestone="genesis", size=now.size, root=now.root, cosigned=NAMES[:2], owed=NAMES[2:]
    )
    own = deadlines.own(world.at, SESSION_STAGE, content, "forced", world.now)
    assert code(world.take(own, "installation")) == "QuorumUnmet"


def test_a_province_that_waits_hard_is_waited_for(case: Case) -> None:
    world = Cosigned(case, hard="jiangsu").booked()
    world.now += 100 * WAIT_MS
    assert world.genesis("anhui", "shanghai", "zhejiang") is None
    assert isinstance(world.genesis("anhui", "jiangsu", "shanghai"), Entry)


def test_a_milestone_names_a_head_of_this_record_that_covers_it_and_exactly_its_cosigners(case: Case) -> None:
    world = Cosigned(case).booked()
    now = head(world.at)
    right = cmd.ReachMilestone(milestone="genesis", size=now.size, root=now.root, cosigned=NAMES, owed=())
    for cause, wrong, wanted in (
        ("root", replace(right, root=bytes(32)), "SeenUnknown"),
        ("size", replace(right, size=now.size + 1), "SeenUnknown"),
        ("stranger", replace(right, cosigned=("nobody", *NAMES)), "CosignerUnknown"),
        ("twice", replace(right, cosigned=(*NAMES, NAMES[0])), "CosignerUnknown"),
        ("silent", replace(right, cosigned=NAMES[:3]), "CosignerUnknown"),
        ("early", replace(right, cosigned=NAMES[:3], owed=NAMES[3:]), "MilestoneAwaited"),
        ("other", replace(right, milestone="ranking_final"), "AlreadyDone"),
    ):
        own = deadlines.own(world.at, SESSION_STAGE, wrong, cause, world.now)
        assert code(world.take(own, "installation")) == wanted, cause
    assert isinstance(world.genesis(*NAMES), Entry)
    owed = SettleCosignature(milestone="genesis", size=now.size, root=now.root, cosigned=("anhui",))
    own = deadlines.own(world.at, SESSION_STAGE, owed, "settled", world.now)
    assert code(world.take(own, "installation")) == "CosignerUnknown"


def test_without_a_policy_milestones_are_those_of_version_3(case: Case) -> None:
    world = World(case, rules="4")
    world.book()
    assert is_reached(world.at, "genesis")


def test_a_bidder_is_shown_what_is_owed_at_the_opening_and_nothing_of_the_review(case: Case) -> None:
    world = Cosigned(case).booked()
    world.now = next(iter(world.at.cosigning.waiting.values())).since + WAIT_MS
    assert isinstance(world.genesis(*NAMES[:3]), Entry)
    review = MilestonePending(milestone="scores_closed", lot="L1", envelope="whole")
    state = evolve(world.at, review)
    assert [one.milestone for one in cosigned.milestones(state, "tenderee")] == ["genesis", "scores_closed"]
    (shown,) = bidder.view(state, Disclosed(), "b1").milestones
    assert (shown.milestone, [one.cosigner for one in shown.late]) == ("genesis", ["zhejiang"])
