"""Rules of the group on hidden inputs, by the form of the act's content."""

from decimal import Decimal

from protocol import canonical, limits
from protocol import commands as cmd
from protocol import commands_draw as form
from protocol.chance import Share, reveals
from protocol.hidden import Disclosed
from protocol.plan.conduct import conduct_of
from protocol.plan.plan import Plan
from protocol.pool import roll
from protocol.pool.expert import Expert, Party
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Checking, Findings
from protocol.session.committee.guards import no_chair
from protocol.session.disclosing import the_plan
from protocol.session.state import State, Track, members

_SEVEN_FROM_YUAN = Decimal(10_000_000)
_SEVEN = 7
_YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def freeze(state: State, track: Track | None, content: form.FreezePool, disclosed: Disclosed) -> Findings:
    """The roll is what root and counts say, and what the filter gives as far as facts are disclosed."""
    wrong = _need(disclosed, "pool", content.pool)
    if wrong:
        return wrong
    try:
        told: roll.Roll = disclosed.value(content.pool, roll.Roll)
        parties: tuple[Party, ...] | None = disclosed.get_value(told.parties, tuple[Party, ...])
        leaves = (*told.eligible, *(gone.leaf for gone in told.left))
        known = {
            leaf.facts: disclosed.value(leaf.facts, Expert) for leaf in leaves if leaf.facts in disclosed
        }
    except canonical.NotCanonical as error:
        return (refuse("Malformed", why=str(error)),)
    found: list[Refusal] = [refuse("PoolMismatch", field=name) for name in roll.faults(told)]
    if roll.root(told) != content.root:
        found.append(refuse("PoolMismatch", field="root"))
    if told.parties != content.sieved_by:
        found.append(refuse("PoolMismatch", field="parties"))
    if roll.strata(told) != content.strata:
        found.append(refuse("PoolMismatch", field="strata"))
    if parties is not None:
        found.extend(refuse("FilterMismatch", id=one[0]) for one in roll.differences(told, parties, known))
    return tuple(found)


def reveal(state: State, track: Track | None, content: form.RevealDrawSeed, disclosed: Disclosed) -> Findings:
    """The share handed in is the one committed to, of this draw and of who speaks for it."""
    wrong = _need(disclosed, "draw_share", content.commitment)
    if wrong:
        return wrong
    try:
        share: Share = disclosed.value(content.commitment, Share)
    except canonical.NotCanonical as error:
        return (refuse("Malformed", why=str(error)),)
    frozen = state.drawn.frozen
    assert frozen is not None
    party = next(p for p, one in state.drawn.commitments.items() if one == content.commitment)
    due = (frozen.draw, party, state.session, frozen.subject)
    if (share.draw, share.party, share.session, share.subject) != due:
        return (refuse("ShareMismatch", party=party),)
    assert reveals(content.commitment, share, disclosed[content.commitment].salt)
    return ()


def lock(state: State, track: Track | None, content: cmd.LockRoster, disclosed: Disclosed) -> Findings:
    """Seven members at least for a purchase of ten million yuan (87号令 47); a demonstration may differ."""
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    if state.demonstration or state.regime != "GOV_PROC":
        return ()
    if plan is None:
        return (refuse("DisclosureMissing", field="plan"),)
    budget = sum(
        (Decimal(lot.price_ceiling) * _YUAN.get(lot.unit, 0) for lot in plan.lots if lot.price_ceiling),
        Decimal(),
    )
    size = len(members(state))
    if budget >= _SEVEN_FROM_YUAN and size < _SEVEN:
        return (refuse("CommitteeTooSmall", size=size, needed=_SEVEN),)
    return ()


def recusal(
    state: State, track: Track | None, content: form.DeclareRecusal, disclosed: Disclosed
) -> Findings:
    """A remark is a short text; none is needed."""
    if not content.remark:
        return ()
    wrong = _need(disclosed, "remark", content.remark)
    if wrong:
        return wrong
    try:
        text: str = disclosed.value(content.remark, str)
    except canonical.NotCanonical as error:
        return (refuse("Malformed", why=str(error)),)
    fits = 0 < len(text) <= limits.REMARK_CHARS_MAX
    return () if fits else (refuse("RemarkTooLong", limit=limits.REMARK_CHARS_MAX),)


def ballot(
    state: State, track: Track | None, content: form.OpenChairBallot, disclosed: Disclosed
) -> Findings:
    """A ballot only where the plan has elections, and in the plan's way."""
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    conduct = conduct_of(plan.conduct)
    way = "secret" if content.secret else "open"
    if conduct.chair == "named" or conduct.chair_ballot not in ("any", way):
        return (refuse("ChairUnplanned"),)
    return ()


def naming(state: State, track: Track | None, content: form.NameChair, disclosed: Disclosed) -> Findings:
    """The tenderee names a chair only where the plan does not have one elected."""
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    return (refuse("ChairUnplanned"),) if conduct_of(plan.conduct).chair == "elected" else ()


def begin(state: State, track: Track | None, content: cmd.BeginPreliminary, disclosed: Disclosed) -> Findings:
    """Where the plan says how there comes to be a chair, there is one, of an imported committee as well."""
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    if conduct_of(plan.conduct).chair == "any" or state.drawn.chair:
        return ()
    return (no_chair(),)


def redraw(
    state: State, track: Track | None, content: form.RedrawCommittee, disclosed: Disclosed
) -> Findings:
    """No representative sits again who sat on a void committee, as far as it is disclosed who they are."""
    before = {
        disclosed[person].value
        for one in state.turns.void
        for person in one.seats.values()
        if person in disclosed
    }
    return tuple(
        refuse("MemberAgain", seat=seat.seat)
        for seat in content.named
        if seat.person in disclosed and disclosed[seat.person].value in before
    )


def _need(disclosed: Disclosed, field: str, digest: bytes) -> Findings:
    if digest not in disclosed:
        return (refuse("DisclosureMissing", field=field),)
    return () if disclosed[digest].field == field else (refuse("DisclosureMismatch", field=field),)


CHECKS: dict[type, Checking] = {
    form.FreezePool: freeze,
    form.RevealDrawSeed: reveal,
    form.DeclareRecusal: recusal,
    cmd.LockRoster: lock,
    form.OpenChairBallot: ballot,
    form.NameChair: naming,
    form.RedrawCommittee: redraw,
    cmd.BeginPreliminary: begin,
}
