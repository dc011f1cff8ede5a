"""The agent's desk (招标代理): works out what the agent is about to sign, from case and record.

For each act it gives the content and the disclosures that must go with it; the agent's page
shows them and signs. Salts come from the caller. Knows the case of the session and what the
node's copy of the record discloses; must not sign, send, or decide anything. That a prepared
act is allowed is for the coordinator to say.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from main_venue import draw_desk, succession
from main_venue.case_shelf import CaseShelf
from main_venue.draw_desk import DrawDesk
from main_venue.report import value as report
from protocol import canonical, hidden, limits
from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.commands_ceremony import OpenBids
from protocol.hidden import Disclosed, Disclosure, Field
from protocol.ledger import trust
from protocol.ledger.quorum import Policy
from protocol.methods.envelopes import passing
from protocol.methods.evaluation import Evaluation
from protocol.plan.case import Bid, Case
from protocol.plan.findings import Finding
from protocol.plan.plan import Plan
from protocol.plan.stages import scheme_of, stages
from protocol.plan.validate import validate_plan
from protocol.refusals import Refusal, refuse
from protocol.session.ceremony import reading as ceremony
from protocol.session.phases import CURRENT, RULES
from protocol.session.review.checks import planned as items_planned
from protocol.session.state import AGENT_SEAT, State, Track, earlier, is_last, track
from protocol.session.tally import evaluate_stage, explain_stage
from protocol.wire import NodeNote, Prepare, Prepared, Refused

SOURCE_ZH = "案例文件导入"
PLAIN = frozenset(
    {
        "OpenCheckIn", "LockRoster", "BeginPreliminary", "ConcludePreliminary", "CloseScoring",
        "ConfirmRanking", "BeginReport", "SubmitReport", "ArchiveSession",
    }
)  # fmt: skip
"""Acts without content: they need no preparation but may be asked for all the same."""

PLANNED = frozenset({"PublishItems", "BeginDrawK", "ConfirmPassing"})
"""Acts of rules version 3 whose content is the plan's, or follows from plan and record."""

Salt = Callable[..., bytes]
"""`salt(*purpose)` gives 32 bytes for hiding one value."""

Entries = Callable[[], tuple[bytes, ...]]
"""Gives a record's entries, from the first on."""

Made = tuple[cmd.Content, tuple[Disclosure, ...], tuple[Refused, ...]]


class AgentDesk:
    """Prepares the agent's acts at the main venue."""

    def __init__(
        self,
        shelf: CaseShelf,
        salt: Salt,
        installation_key: str,
        node: str,
        draws: DrawDesk | None = None,
        policy: Policy | None = None,
    ) -> None:
        """Work from the cases of a shelf, for an installation, at a node (this main venue).

        `draws` is where committees are drawn, if this node has a pool to draw from; `policy` is the trust
        policy of the installation's logs, if it was handed over.
        """
        self._shelf = shelf
        self._salt = salt
        self._installation_key = installation_key
        self._node = node
        self._draws = draws
        self._policy = policy

    def prepare(
        self, ask: Prepare, state: State | None, disclosed: Disclosed, nodes: tuple[NodeNote, ...],
        entries: Entries = tuple, provinces: tuple[cmd.ProvinceSignature, ...] | Refusal = (),
    ) -> Prepared | Refusal:  # fmt: skip
        """An act's content and disclosures, ready for the agent's signature.

        Args:
          ask: the act; with the text of a case file in `source` the case is kept for the session.
          state: the session as this node has it; None before it is booked.
          disclosed: what this node holds of it.
          nodes: the installation's nodes with their keys.
          entries: gives the record's, asked for the report alone.
          provinces: what the provinces have signed for this session, or why one of them has not; of use for
            a booking by rules that ask for it.

        Returns:
          What to sign; its `notes` are the plan's warnings. A case with errors comes back as
          `PlanInvalid` with the first of them, a session without its case as `DisclosureMissing`.
        """
        case = self._case(ask)
        if isinstance(case, Refusal):
            return case
        here = None if state is None else track(state, ask.stage)
        if ask.type == "ImportReport" and state is not None:
            made = self._report(ask, state, disclosed, entries)
        elif ask.type == "BookSession" and case is not None:
            made = self._booking(ask, case, nodes, provinces)
        else:
            made = self._make(ask, case, state, here, disclosed, nodes)
        if isinstance(made, Refusal):
            return made
        content, disclosures, notes = made
        text = canonical.encode(content).decode()
        return Prepared(ask.type, ask.stage, text, disclosures, notes)

    def _make(
        self, ask: Prepare, case: Case | None, state: State | None, here: Track | None,
        disclosed: Disclosed, nodes: tuple[NodeNote, ...],
    ) -> Made | Refusal:  # fmt: skip
        if ask.type in PLAIN:
            return cmd.CONTENTS[ask.type](), (), ()
        if ask.type == "PublishTally" and state is not None and here is not None:
            return self._tally(ask, state, here, disclosed)
        if ask.type in PLANNED and state is not None and here is not None:
            return _planned(ask.type, state, here, disclosed)
        if ask.type in succession.ACTS and state is not None:
            made = succession.prepare(ask, state, disclosed, self._draws, partial(self._name, ask))
            return made if isinstance(made, Refusal) else (*made, ())
        if case is None:
            return refuse("DisclosureMissing", field="case")
        match ask.type:
            case "ImportCommittee":
                return self._committee(ask, case, nodes)
            case "RebuildCommittee" if state is not None:
                return self._rebuilt(ask, case, nodes, state)
            case drawing if drawing in draw_desk.ACTS and state is not None:
                return self._drawing(ask, case, state, disclosed)
        if here is None:
            return refuse("UnknownStage", stage=f"{ask.stage.lot}/{ask.stage.envelope}")
        match ask.type:
            case "ImportOpening":
                return self._opening(ask, case, state, here)
            case "OpenBids" if state is not None:
                return self._opened(ask, case, state, here)
            case "ImportPreliminary":
                return self._preliminary(ask, case, here)
            case "DrawK":
                return self._draw(case, here)
        return refuse("UnknownCommand", type=ask.type)

    def _case(self, ask: Prepare) -> Case | Refusal | None:
        if not ask.source or ask.type in draw_desk.ACTS | succession.ACTS:
            return self._shelf.get(ask.session)
        try:
            found = self._shelf.put(ask.session, ask.source.encode())
        except OSError:
            return refuse("NotDurable")
        if isinstance(found, Case):
            return found
        first = next(one for one in found if one.severity == "error")
        return refuse("PlanInvalid", zh=_where(first, first.zh), en=_where(first, first.en))

    def _hide(self, ask: Prepare, field: Field, value: Any, *purpose: str) -> Disclosure:
        return hidden.disclose(field, self._salt(ask.session, field, *purpose), value)

    def _name(self, ask: Prepare, name: str, seat: str) -> Disclosure:
        return self._hide(ask, "person", name, seat, name)

    def _source(self, ask: Prepare, field: Field, case: Case, part: Any) -> Disclosure:
        """The imported document's stand-in: which case, and the part of it that was taken."""
        value = {"case": case.id, "text": case.source.text, "part": msgspec.to_builtins(part)}
        return self._hide(ask, field, value, ask.stage.lot, ask.stage.envelope)

    def _opening_source(self, ask: Prepare, case: Case, bidders: list[str]) -> Disclosure:
        """As `_source`; the tender's public times go with the opening that they are of (SPEC 11)."""
        value = {"case": case.id, "text": case.source.text, "part": bidders}
        moments = [one for one in case.timetable if one.lot in ("", ask.stage.lot)]
        timetable = {"timetable": msgspec.to_builtins(moments)} if moments else {}
        return self._hide(ask, "opening_source", value | timetable, ask.stage.lot, ask.stage.envelope)

    def _booking(
        self, ask: Prepare, case: Case, nodes: tuple[NodeNote, ...],
        provinces: tuple[cmd.ProvinceSignature, ...] | Refusal,
    ) -> Made | Refusal:  # fmt: skip
        """The genesis; where the committee is drawn it names the parties that give randomness.

        By rules whose milestones a policy judges it carries the provinces' signatures under that policy.
        """
        plan, rules = case.plan, CURRENT if case.rules is UNSET else case.rules
        signed = provinces if "DisclosePolicy" in RULES[rules].acts else ()
        if isinstance(signed, Refusal):
            return signed
        parties: tuple[cmd.NodeKey, ...] | Refusal = ()
        if case.drawing is not UNSET:
            missing = refuse("DisclosureMissing", field="pool")
            parties = missing if self._draws is None else self._draws.node_keys(case, nodes)
        if isinstance(parties, Refusal):
            return parties
        disclosure = self._hide(ask, "plan", plan)
        policy = None if self._policy is None else trust.of_session(self._policy, ask.session)
        lots: dict[str, list[str]] = {}
        for lot, envelope in stages(plan):
            lots.setdefault(lot, []).append(envelope)
        content = cmd.BookSession(
            rules_version=rules,
            regime=plan.regime,
            demonstration=True,
            plan=disclosure.digest,
            lots=tuple(cmd.LotRef(lot, tuple(names)) for lot, names in lots.items()),
            committee_size_min=plan.committee.size_min,
            committee_odd=plan.committee.odd_required,
            experts_num=plan.committee.experts_num,
            experts_den=plan.committee.experts_den,
            bids_min=plan.bids_min,
            scoring_ms=plan.scoring_ms,
            names_hidden=plan.hide_names,
            milestone_wait_ms=0 if policy is None else limits.MILESTONE_WAIT_MS_DEFAULT,
            installation_key=self._installation_key,
            policy_digest=b"" if policy is None else trust.digest(policy),
            province_signatures=signed,
            node_keys=parties,
        )
        notes = tuple(_note(one) for one in validate_plan(plan))
        return content, (disclosure,), notes

    def _drawing(self, ask: Prepare, case: Case, state: State, disclosed: Disclosed) -> Made | Refusal:
        """An act of the draw; whoever is not drawn for has a seat by the case."""
        if self._draws is None or case.drawing is UNSET:
            return refuse("DisclosureMissing", field="pool")
        people = []
        for seat, role, venue, kind, reserve, name in people_of(case, self._node):
            if kind != "expert":
                person = self._hide(ask, "person", name, seat)
                people.append((cmd.SeatRef(seat, role, venue, kind, reserve, person.digest), person))
        made = self._draws.prepare(ask, case, state, disclosed, people)
        return made if isinstance(made, Refusal) else (*made, ())

    def _committee(self, ask: Prepare, case: Case, nodes: tuple[NodeNote, ...]) -> Made | Refusal:
        by_node = {one.node: one for one in nodes}
        unknown = next((v.id for v in case.venues if v.id not in by_node), None)
        if unknown is not None:
            return refuse("UnknownVenue", venue=unknown)
        main = next((v.id for v in case.venues if v.role == "main"), None)
        if main != self._node:
            return refuse("WrongVenue", seat=AGENT_SEAT, venue=self._node)
        venues = tuple(cmd.VenueRef(v.id, v.province, v.role, by_node[v.id].key) for v in case.venues)
        disclosures = []
        seats = []
        for seat, role, venue, kind, reserve, name in people_of(case, main):
            person = self._hide(ask, "person", name, seat)
            disclosures.append(person)
            seats.append(cmd.SeatRef(seat, role, venue, kind, reserve, person.digest))
        source = self._source(ask, "committee_source", case, case.members)
        content = cmd.ImportCommittee(SOURCE_ZH, source.digest, self._node, venues, tuple(seats))
        return content, (source, *disclosures), ()

    def _rebuilt(self, ask: Prepare, case: Case, nodes: tuple[NodeNote, ...], state: State) -> Made | Refusal:
        """The case's members on new seats; everybody else as they sit, so that their keys speak on."""
        made = self._committee(ask, case, nodes)
        if isinstance(made, Refusal):
            return made
        content, disclosures, notes = made
        assert isinstance(content, cmd.ImportCommittee)
        seats = tuple(
            seat
            if seat.role == "expert" or seat.seat not in state.seats
            else replace(seat, person=state.seats[seat.seat].person)
            for seat in content.seats
        )
        rebuilt = turns.RebuildCommittee(
            content.source, content.digest, content.signer, content.venues, seats
        )
        told = {content.digest, *(seat.person for seat in seats)}
        return rebuilt, tuple(one for one in disclosures if one.digest in told), notes

    def _opening(self, ask: Prepare, case: Case, state: State | None, here: Track) -> Made:
        """An envelope's bids: of a later one those that passed the one before; prices in the last alone."""
        assert state is not None
        before = earlier(state, here)
        bids = [
            bid
            for bid in case.bids
            if bid.lot == ask.stage.lot and (not before or bid.bidder in before[-1].turns.passing)
        ]
        refs, disclosures = self._refs(ask, case, state, here, bids)
        source = self._opening_source(ask, case, [bid.bidder for bid in bids])
        content = cmd.ImportOpening(SOURCE_ZH, source.digest, self._node, tuple(refs))
        return content, (source, *disclosures), ()

    def _opened(self, ask: Prepare, case: Case, state: State, here: Track) -> Made | Refusal:
        """Of the bids that the venues opened: names, prices and quantities (SPEC 28.5)."""
        found = ceremony.of(state, here)
        if not found.reports:
            return refuse("GuardUnmet", zh="会场尚未报告解密结果", en="no venue has reported its decryption")
        gone = ceremony.unopened(found)
        opened = {one.bidder for one in found.received if one.bid not in gone}
        bids = [bid for bid in case.bids if bid.lot == ask.stage.lot and bid.bidder in opened]
        refs, disclosures = self._refs(ask, case, state, here, bids)
        return OpenBids(tuple(refs)), tuple(disclosures), ()

    def _refs(
        self, ask: Prepare, case: Case, state: State, here: Track, bids: list[Bid]
    ) -> tuple[list[cmd.BidRef], list[Disclosure]]:
        """Bids as an opening names them; their names, prices and quantities are hidden, in the last alone."""
        bidders = {one.id: one for one in case.bidders}
        last = is_last(state, here)
        refs, disclosures = [], []
        for bid in bids:
            where = (bid.lot, ask.stage.envelope, bid.bidder)
            name = self._hide(ask, "bidder_name", bidders[bid.bidder].name, *where)
            price = self._hide(ask, "price", bid.price if last else "", *where)
            more = self._hide(ask, "quantities", bid.quantities if last else {}, *where)
            disclosures += [name, price, more]
            code = bidders[bid.bidder].code
            refs.append(cmd.BidRef(bid.bidder, code, name.digest, price.digest, more.digest))
        return refs, disclosures

    def _preliminary(self, ask: Prepare, case: Case, here: Track) -> Made:
        out = {one.bidder for one in case.rejections if one.lot == here.lot}
        valid = tuple(bid.bidder for bid in here.bids if bid.bidder not in out)
        rejected = tuple(cmd.RejectedBid(bid.bidder, "51") for bid in here.bids if bid.bidder in out)
        grounds = [one for one in case.rejections if one.lot == here.lot]
        source = self._source(ask, "preliminary_source", case, grounds)
        content = cmd.ImportPreliminary(SOURCE_ZH, source.digest, self._node, valid, rejected)
        return content, (source,), ()

    def _draw(self, case: Case, here: Track) -> Made | Refusal:
        """The next rate whose result the case tells; a page that draws by hand needs none of this."""
        told = case.draws.get(here.lot, {})
        for rate, value in told.items():
            if rate not in here.draws:
                return cmd.DrawK(rate, value), (), ()
        return refuse("AlreadyDone")

    def _tally(self, ask: Prepare, state: State, here: Track, disclosed: Disclosed) -> Made | Refusal:
        result = evaluate_stage(state, here, disclosed)
        if isinstance(result, tuple):
            return result[0]
        tally = self._hide(ask, "tally", result, here.lot, here.envelope, str(here.round))
        notes = tuple(Refused("Working", one.zh, one.en) for one in explain_stage(state, here, disclosed))
        return cmd.PublishTally(tally.digest), (tally,), notes

    def _report(self, ask: Prepare, state: State, disclosed: Disclosed, entries: Entries) -> Made | Refusal:
        value = report.build(state, disclosed, entries())
        if isinstance(value, Refusal):
            return value
        made = self._hide(ask, "report", value)
        digest = canonical.sha256(canonical.encode(value))
        return cmd.ImportReport("main_venue", digest, self._node, made.digest), (made,), ()


def _planned(type_: str, state: State, here: Track, disclosed: Disclosed) -> Made | Refusal:
    """What the plan has the agent publish for a stage, draw for it, or say of its tally."""
    plan: Plan | None = disclosed.get_value(state.plan, Plan)
    if plan is None:
        return refuse("DisclosureMissing", field="plan")
    if type_ == "PublishItems":
        return items_planned(plan, here.lot, here.envelope), (), ()
    if type_ == "BeginDrawK":
        drawn = {*here.draws, *here.turns.k_draws}
        for rate in scheme_of(plan, here.lot).rates:
            if rate.candidates and rate.id not in drawn:
                return turns.BeginDrawK(rate.id, rate.candidates), (), ()
        return refuse("AlreadyDone")
    result: Evaluation | None = disclosed.get_value(here.tally, Evaluation)
    if result is None:
        return refuse("DisclosureMissing", field="tally")
    on = passing(plan, here.lot, result)
    return turns.ConfirmPassing(tuple(bid.bidder for bid in here.bids if bid.bidder in on)), (), ()


def people_of(case: Case, main: str) -> list[tuple[str, Any, str, Any, bool, str]]:
    """Everybody with a seat: (seat, role, venue, kind, reserve, name)."""
    people: list[tuple[str, Any, str, Any, bool, str]] = [
        (AGENT_SEAT, "agent", main, "none", False, "招标代理(虚构示例)"),
        ("tenderee", "tenderee", main, "none", False, "招标人(虚构示例)"),
    ]
    for one in case.members:
        name = one.name or f"{one.seat} {one.speciality}".strip()
        people.append((one.seat, "expert", one.venue, one.kind, one.reserve, name))
    for venue in case.venues:
        for role, zh in (("witness", "见证人员"), ("supervisor", "监督人员"), ("keeper", "场所管理员")):
            people.append((f"{role}-{venue.id}", role, venue.id, "none", False, f"{venue.zh}{zh}"))
    named = {} if case.officers is UNSET else case.officers
    return [(*one[:5], named.get(one[0], one[5])) for one in people]


def _where(one: Finding, text: str) -> str:
    return f"{one.line}: {text}" if one.line else text


def _note(one: Finding) -> Refused:
    return Refused(one.code, one.zh, one.en, {"severity": one.severity, "pointer": one.pointer})
