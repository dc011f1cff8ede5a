"""The script: what a case says that each of its people enters; the engine never reads it.

Owns the way from a case file to one member's scores of one stage and to the results of the draws. What is
expected of a case is taken off before anything else reads it.
"""

from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from ops import files
from ops.people.course import PLAIN, Course, Intervention
from ops.trouble import Trouble
from protocol import canonical
from protocol.hidden import Scores
from protocol.plan.case import CASE_BYTES_MAX, Case, Moment, read_case, without_expected
from protocol.plan.findings import Finding
from protocol.plan.stages import leaves, stages
from protocol.session.phases import CURRENT, RULES
from protocol.words import MomentKind

FINDINGS_SHOWN_MAX = 12
PUBLICATION_MS = 3 * 24 * 3_600_000
"""From the opening to the candidates' publication, and as long for objections, in a fictional case."""

_ASKED = "请说明各会场专家是否均已通过身份核验,评分是否由本人独立完成。"
_EXPLAINED = "各会场专家均由见证人员当面核验身份,评分在各自席位独立完成并加密提交。"


def load(path: Path) -> Case:
    """A case from a file, without what is expected of it.

    Raises:
      Trouble: no such file, or what is wrong with it, line by line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Trouble(
            f"无法读取案例文件 {path}({error.strerror})。请核对 --case 的路径。",
            f"Cannot read the case file {path} ({error.strerror}). Check the path given with --case.",
            2,
        ) from error
    found = read_case(raw)
    if isinstance(found, Case):
        return without_expected(found)
    raise Trouble(
        f"案例 {path} 有误:\n"
        + "\n".join(f"    {_where(one)}{one.zh}" for one in found[:FINDINGS_SHOWN_MAX]),
        f"The case {path} is not valid:\n"
        + "\n".join(f"    {_where(one)}{one.en}" for one in found[:FINDINGS_SHOWN_MAX]),
        2,
    )


def rules_of(case: Case) -> str:
    """The version of the rules that a session of a case is held by."""
    return CURRENT if case.rules is UNSET else case.rules


def with_public_times(case: Case, now_ms: int) -> Case:
    """A fictional case with the times of its notice about now, so that countdowns have something to count.

    A case that has times of its own, or is no invention, stays as it is. The candidates' publication is due
    three days after the report (实施条例 54); here it stands for the sake of the countdown.
    """
    if case.kind != "fictional" or case.timetable:
        return case
    times: dict[MomentKind, int] = {
        "bid_deadline": now_ms, "opening": now_ms, "publication": now_ms + PUBLICATION_MS,
        "objection_until": now_ms + 2 * PUBLICATION_MS,
    }  # fmt: skip
    return replace(case, timetable=tuple(Moment(kind=kind, at=at) for kind, at in times.items()))


def require_committee(case: Case) -> None:
    """See that a case can be held as a session at all: a main venue, and members with seats.

    Raises:
      Trouble: it only gives prices or totals, for which there is `tongchang rank`.
    """
    hosts = sum(1 for venue in case.venues if venue.role == "main")
    if hosts != 1 or not any(not member.reserve for member in case.members):
        raise Trouble(
            f"案例 {case.id} 没有评标委员会(须有一个主场和若干成员),不能开会评审。"
            "可用 tongchang rank 直接计算排序。",
            f"The case {case.id} has no committee (one main venue, and members), so no session can be held. "
            "Use tongchang rank to rank it.",
            2,
        )


def require_points(case: Case, humans: frozenset[str]) -> None:
    """See that a case has the points of everybody who is to be played.

    Raises:
      Trouble: whose points for which bid are missing.
    """
    rejected = {(one.lot, one.bidder) for one in case.rejections}
    for lot, envelope in stages(case.plan):
        bidders = tuple(
            bid.bidder for bid in case.bids if bid.lot == lot and (lot, bid.bidder) not in rejected
        )
        for member in case.members:
            if not member.reserve and member.seat not in humans:
                scores(case, member.seat, lot, envelope, bidders)


def source(case: Case) -> str:
    """The case as the text that the agent hands to its node; at most `CASE_BYTES_MAX` bytes."""
    raw = canonical.encode(case)
    assert len(raw) <= CASE_BYTES_MAX
    return raw.decode()


def keep(case: Case, path: Path) -> None:
    """Write a case where the people and a later start find it, without what is expected."""
    files.write(path, source(without_expected(case)).encode() + b"\n")


def scores(case: Case, seat: str, lot: str, envelope: str, bidders: tuple[str, ...]) -> Scores:
    """What a member enters on one stage's sheet: `bidder → criterion → points_centi`.

    Args:
      case: the case.
      seat: the member.
      lot: the stage's lot.
      envelope: the stage's envelope; only items of it are entered.
      bidders: the bids that are to be scored.

    Raises:
      Trouble: the case gives this member no scores for one of them.
    """
    items = [leaf.id for leaf in leaves(case.plan, lot, envelope)]
    sheet = case.sheets.get(lot, {}).get(seat, {})
    entered: Scores = {}
    for bidder in bidders:
        row = sheet.get(bidder, {})
        missing = [item for item in items if item not in row]
        if missing:
            names = "、".join(missing)
            raise Trouble(
                f"案例没有给出 {seat} 对 {bidder} 的评分({names}),无法代为评分。请补全 sheets。",
                f"The case has no points of {seat} for {bidder} ({names}). Complete its sheets.",
                2,
            )
        entered[bidder] = {item: row[item] for item in items}
    return entered


def first_entries(case: Case, seat: str, lot: str) -> Scores:
    """What a member enters at first and corrects before sealing: `bidder → criterion → points_centi`."""
    found: Scores = {}
    for turn in case.turns:
        if (turn.kind, turn.lot, turn.seat) == ("first_entry", lot, seat):
            assert turn.points_centi is not None
            found.setdefault(turn.bidder, {})[turn.criterion] = turn.points_centi
    return found


def course_of(case: Case) -> Course:
    """How an evaluation of a case goes: straight on, with what its members say for what lies far off.

    In a fictional case the main venue's supervisor asks one question, where the rules know of it (SPEC 34).
    """
    said = {(one.seat, one.bidder, one.criterion): one.text_zh for one in case.turns if one.kind == "explain"}
    asked: tuple[Intervention, ...] = ()
    hosts = [venue.id for venue in case.venues if venue.role == "main"]
    act = RULES[rules_of(case)].acts.get("Intervene")
    if case.kind == "fictional" and hosts and act is not None and act.available:
        by = f"supervisor-{hosts[0]}"
        asked = (Intervention(by=by, kind="question", reason="identity", text=_ASKED, answer=_EXPLAINED),)
    return replace(PLAIN, explanations=said, interventions=asked)


def drawn(case: Case, lot: str, rate: str, candidates: tuple[str, ...]) -> str:
    """The result of a draw as the case has it; a case without it takes the first candidate."""
    return case.draws.get(lot, {}).get(rate, candidates[0])


def _where(one: Finding) -> str:
    return f"{one.line}: " if one.line else ""
