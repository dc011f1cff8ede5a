"""Rules of the group on hidden inputs, by the form of the act's content (SPEC 17)."""

from collections.abc import Mapping
from typing import Any

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol import limits
from protocol.hidden import CorrectedScores, Disclosed, Field
from protocol.methods.envelopes import passing
from protocol.methods.evaluation import Evaluation
from protocol.plan.conduct import conduct_of, grounds_of
from protocol.plan.plan import Plan
from protocol.plan.report_contents import SECTIONS, missing_sections
from protocol.plan.stages import check_points, leaves, scheme_of
from protocol.refusals import Refusal, refuse
from protocol.session.asked import Checking, Findings
from protocol.session.disclosing import need, read, the_plan, written
from protocol.session.state import State, Track
from protocol.session.turns import ranking, sheets
from protocol.session.turns.suspension import BEFORE_START


def _text(field: Field, attribute: str) -> Checking:
    """A check that an act's text is there, and neither empty nor too long."""

    def checking(state: State, here: Track | None, content: Any, disclosed: Disclosed) -> Findings:
        return written(disclosed, field, getattr(content, attribute), limits.STATEMENT_CHARS_MAX)

    return checking


def _begin_recheck(
    state: State, here: Track | None, content: turns.BeginRecheck, disclosed: Disclosed
) -> Findings:
    plan = the_plan(disclosed, state.plan)
    return _lawful(state, plan, content.ground) if isinstance(plan, Plan) else plan


def _lawful(state: State, plan: Plan, ground: str) -> Findings:
    grounds = grounds_of(state.regime, conduct_of(plan.conduct))
    if ground in grounds:
        return ()
    return (refuse("GroundUnknown", ground=ground, grounds=", ".join(grounds)),)


def _find_abnormal(
    state: State, here: Track | None, content: turns.FindAbnormal, disclosed: Disclosed
) -> Findings:
    assert here is not None
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    known = [leaf.id for leaf in leaves(plan, here.lot, here.envelope)]
    if content.criterion in known:
        return ()
    return (_invalid(f"没有评分项 {content.criterion}", f"there is no scored item {content.criterion}"),)


def _correct(state: State, here: Track | None, content: turns.CorrectItem, disclosed: Disclosed) -> Findings:
    """The new points are the items', in range and on step, other than before, and the ground is so."""
    assert here is not None
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    unlawful = _lawful(state, plan, content.ground)
    if unlawful:
        return unlawful
    given = read(disclosed, "corrected_scores", content.correction, CorrectedScores)
    if isinstance(given, tuple):
        return given
    stage = given.stage
    named = (given.session, stage.lot, stage.envelope, stage.round, given.ground)
    if named != (state.session, here.lot, here.envelope, here.round, content.ground):
        return (refuse("DisclosureMismatch", field="corrected_scores"),)
    if given.expert != content.seat:
        return (refuse("DisclosureMismatch", field="corrected_scores"),)
    told = {(item.bidder, item.criterion) for item in content.items}
    if told != {(bidder, item) for bidder, row in given.scores.items() for item in row}:
        return (_invalid("更正的评分项与公示的不一致", "the items are not those that the act names"),)
    try:
        counting = {seat: sheets.counting(here, seat, disclosed) for seat in state.roster}
    except KeyError:
        return (refuse("DisclosureMissing", field="sheet"),)
    return _new_points(plan, here, given, content.ground, counting)


def _new_points(
    plan: Plan, here: Track, given: CorrectedScores, ground: str, counting: Mapping[str, sheets.Scores]
) -> Findings:
    by_id = {leaf.id: leaf for leaf in leaves(plan, here.lot, here.envelope)}
    found: list[Refusal] = []
    for bidder, row in given.scores.items():
        for criterion, points_centi in row.items():
            leaf = by_id.get(criterion)
            if leaf is None:
                found.append(_invalid(f"没有评分项 {criterion}", f"there is no scored item {criterion}"))
                continue
            found.extend(_invalid(one.zh, one.en) for one in check_points(leaf, bidder, points_centi, ""))
            before = counting[given.expert][bidder][criterion]
            where = f"{bidder} {criterion}"
            if points_centi == before:
                found.append(_invalid(f"{where} 没有变化", f"{where} is as before"))
            if ground == "over_range" and 0 <= before <= leaf.max_centi:
                found.append(_unfit(f"{where} 未超出分值范围", f"{where} was within its range"))
            if ground == "objective_differs":
                found.extend(
                    _agree(leaf.kind, where, {sheet[bidder][criterion] for sheet in counting.values()})
                )
    return tuple(found)


def _agree(kind: str, where: str, values: set[int]) -> Findings:
    if kind == "objective" and len(values) > 1:
        return ()
    return (
        _unfit(f"{where} 不是评分不一致的客观项", f"{where} is no objective item on which members differ"),
    )


def _invalid(zh: str, en: str) -> Refusal:
    return refuse("CorrectionInvalid", zh=zh, en=en)


def _unfit(zh: str, en: str) -> Refusal:
    return refuse("GroundUnfit", zh=zh, en=en)


def _suspend(state: State, here: Track | None, content: turns.Suspend, disclosed: Disclosed) -> Findings:
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    conduct = conduct_of(plan.conduct)
    before = state.phase in BEFORE_START
    due_ms = conduct.suspension_before_ms if before else conduct.suspension_during_ms
    if content.limit_ms != due_ms:
        return (refuse("PlanMismatch", field="limit_ms"),)
    return written(disclosed, "statement", content.statement, limits.STATEMENT_CHARS_MAX)


def _rebuild(
    state: State, here: Track | None, content: turns.RebuildCommittee, disclosed: Disclosed
) -> Findings:
    """Nobody sits again who sat on a committee that is void, as far as it is disclosed who they are."""
    missing = need(disclosed, "committee_source", content.digest)
    if missing:
        return missing
    before = {
        disclosed[person].value
        for one in state.turns.void
        for person in one.seats.values()
        if person in disclosed
    }
    return tuple(
        refuse("MemberAgain", seat=seat.seat)
        for seat in content.seats
        if seat.role == "expert" and seat.person in disclosed and disclosed[seat.person].value in before
    )


def _deem(state: State, here: Track | None, content: turns.DeemAgreement, disclosed: Disclosed) -> Findings:
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    if content.waited_ms != conduct_of(plan.conduct).signing_ms:
        return (refuse("PlanMismatch", field="waited_ms"),)
    return written(disclosed, "statement", content.statement, limits.STATEMENT_CHARS_MAX)


def _begin_draw_k(
    state: State, here: Track | None, content: turns.BeginDrawK, disclosed: Disclosed
) -> Findings:
    assert here is not None
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    rates = {rate.id: rate.candidates for rate in scheme_of(plan, here.lot).rates}
    if content.candidates != rates.get(content.rate, ()):
        return (refuse("PlanMismatch", field="candidates"),)
    return ()


def _report(state: State, here: Track | None, content: cmd.ImportReport, disclosed: Disclosed) -> Findings:
    """The sections that the law asks for are there and not empty; what they say is for people."""
    report = read(disclosed, "report", content.report, dict[str, Any])
    if isinstance(report, tuple):
        return report
    missing = missing_sections(state.regime, report)
    if not missing:
        return ()
    terms = [SECTIONS[state.regime][code] for code in missing]
    zh, en = "、".join(term.zh for term in terms), "; ".join(term.en for term in terms)
    return (refuse("ReportIncomplete", zh=zh, en=en),)


def _confirm_ranking(
    state: State, here: Track | None, content: cmd.ConfirmRanking, disclosed: Disclosed
) -> Findings:
    assert here is not None
    return ranking.unmet(state, here, disclosed)


def _confirm_passing(
    state: State, here: Track | None, content: turns.ConfirmPassing, disclosed: Disclosed
) -> Findings:
    """Those whom the stage's tally lets pass go on, and no others."""
    assert here is not None
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    result = read(disclosed, "tally", here.tally, Evaluation)
    if isinstance(result, tuple):
        return result
    if set(content.passing) != passing(plan, here.lot, result):
        return (refuse("PassingMismatch"),)
    return ranking.unmet(state, here, disclosed)


def _decide_tie(state: State, here: Track | None, content: turns.DecideTie, disclosed: Disclosed) -> Findings:
    """The rule is the plan's, or none is needed; and those who are put in order are equal."""
    assert here is not None
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    result = read(disclosed, "tally", here.tally, Evaluation)
    if isinstance(result, tuple):
        return result
    rules = {rule.of for rule in scheme_of(plan, here.lot).ties if rule.by == "decided"}
    if content.of and content.of not in rules:
        return (refuse("PlanMismatch", field="of"),)
    tied = {row.bidder for row in result.rows if row.tied}
    wanted = tied if content.of else set(ranking.undecided_among(state, here, plan, result))
    stranger = next((bidder for bidder in content.order if bidder not in wanted), None)
    if stranger is not None:
        return (refuse("NotTied", bidder=stranger),)
    return written(disclosed, "statement", content.statement, limits.STATEMENT_CHARS_MAX)


def _reevaluate(
    state: State, here: Track | None, content: turns.BeginReevaluation, disclosed: Disclosed
) -> Findings:
    plan = the_plan(disclosed, state.plan)
    if not isinstance(plan, Plan):
        return plan
    unlawful = _lawful(state, plan, content.ground)
    return unlawful or written(disclosed, "statement", content.statement, limits.STATEMENT_CHARS_MAX)


CHECKS: dict[type, Checking] = {
    turns.BeginRecheck: _begin_recheck,
    turns.FindAbnormal: _find_abnormal,
    turns.CorrectItem: _correct,
    turns.ExplainDeviation: _text("explanation", "explanation"),
    turns.Suspend: _suspend,
    turns.VoidCommittee: _text("statement", "statement"),
    turns.RebuildCommittee: _rebuild,
    turns.FailSession: _text("statement", "statement"),
    turns.FailStage: _text("statement", "statement"),
    turns.RecordDissent: _text("dissent", "dissent"),
    turns.DeemAgreement: _deem,
    turns.BeginDrawK: _begin_draw_k,
    turns.RestartDrawK: _text("statement", "statement"),
    turns.RaiseObjection: _text("objection", "objection"),
    turns.AnswerObjection: _text("objection", "answer"),
    turns.DecideTie: _decide_tie,
    turns.BeginReevaluation: _reevaluate,
    cmd.ImportReport: _report,
    cmd.ConfirmRanking: _confirm_ranking,
    turns.ConfirmPassing: _confirm_passing,
}
