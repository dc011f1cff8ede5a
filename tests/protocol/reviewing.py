"""The review of rules version 3 as people do it, for tests: every act one function over a `World`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protocol import canonical
from protocol import commands as cmd
from protocol import commands_review as acts
from protocol.entry import Entry
from protocol.hidden import Deduction
from protocol.methods.arithmetic_check import Correction, Schedule, correction
from protocol.refusals import Refusal
from protocol.session.review import standing
from protocol.session.review.balloting import vote_commitment
from protocol.session.review.checks import planned

if TYPE_CHECKING:
    from protocol.commands_review import Choice, Purpose, Verdict
    from protocol.hidden import Disclosure
    from protocol.session.state import Track
    from tests.protocol.world import World

ONE = ("01", "1")


def track(world: World, lot: str = "01", envelope: str = "1") -> Track:
    return world.at.tracks[f"{lot}/{envelope}"]


def do(
    world: World, author: str, content: Any, at: tuple[str, str] = ONE, *held: Disclosure
) -> Entry | Refusal:
    return world.do(author, content, world.stage(*at), held)


def hidden(world: World, field: Any, text: Any) -> Disclosure:
    """A text of somebody; every one has a salt of its own."""
    world.names += 1
    return world.hide(field, f"{field} {world.names}", text)


def publish(world: World, lot: str = "01", envelope: str = "1") -> Entry | Refusal:
    return do(world, "agent", planned(world.plan, lot, envelope), (lot, envelope))


def mark(
    world: World, seat: str, bidder: str, at: tuple[str, str] = ONE, **marks: Verdict
) -> Entry | Refusal:
    """Marks of a seat on one bid, item by name; those that are no pass get a reason."""
    given, held = [], []
    for item, verdict in marks.items():
        reason = None if verdict == "pass" else hidden(world, "reason", f"{seat}:{item} 不符")
        held += [] if reason is None else [reason]
        given.append(acts.Mark(item, verdict, b"" if reason is None else reason.digest))
    return do(world, seat, acts.MarkItem(bidder, tuple(given)), at, *held)


def pass_all(world: World, lot: str = "01", envelope: str = "1") -> None:
    """Whoever still has to mark something finds nothing amiss."""
    waiting: dict[tuple[str, str], list[str]] = {}
    for seat, bidder, item in standing.unmarked(world.at, track(world, lot, envelope)):
        waiting.setdefault(("tenderee" if seat == "desk" else seat, bidder), []).append(item)
    for (seat, bidder), items in waiting.items():
        content = acts.MarkItem(bidder, tuple(acts.Mark(item, "pass", b"") for item in items))
        done = do(world, seat, content, (lot, envelope))
        assert isinstance(done, Entry), done


def check_blind(
    world: World, bidder: str, result: Any = "pass", at: tuple[str, str] = ONE
) -> Entry | Refusal:
    held = () if result == "pass" else (hidden(world, "blind_findings", "页眉有公司名称"),)
    digest = held[0].digest if held else b""
    return do(world, "agent", acts.CheckBlindPart(bidder, result, digest), at, *held)


def begin(world: World, lot: str = "01", envelope: str = "1") -> None:
    """As far as PRELIM."""
    assert isinstance(publish(world, lot, envelope), Entry)
    for bidder in standing.unchecked(track(world, lot, envelope)):
        assert isinstance(check_blind(world, bidder, at=(lot, envelope)), Entry)
    world.must("agent", cmd.BeginPreliminary(), world.stage(lot, envelope))


def propose(world: World, seat: str, bidder: str, ground: str, at: tuple[str, str] = ONE) -> Entry | Refusal:
    reason = hidden(world, "reason", "提议否决的理由")
    return do(world, seat, acts.ProposeRejection(bidder, ground, reason.digest), at, reason)


def competition(world: World, seat: str, at: tuple[str, str] = ONE) -> Entry | Refusal:
    reason = hidden(world, "reason", "明显缺乏竞争")
    return do(world, seat, acts.VoteCompetition(reason.digest), at, reason)


def vote(
    world: World, seat: str, bidder: str, ground: str, choice: Choice, at: tuple[str, str] = ONE
) -> Entry | Refusal:
    reason = hidden(world, "reason", f"{seat} 的表决理由")
    content = acts.CastVote(bidder, ground, choice, reason.digest)
    return do(world, seat, content, at, reason)


def all_vote(world: World, bidder: str, ground: str, yes: int, at: tuple[str, str] = ONE) -> None:
    """Every member votes, the first `yes` of them for, the others against."""
    for place, seat in enumerate(world.members()):
        done = vote(world, seat, bidder, ground, "yes" if place < yes else "no", at)
        assert isinstance(done, Entry), done


def _nonce(seat: str, bidder: str, ground: str) -> bytes:
    return canonical.sha256(f"vote {seat} {bidder} {ground}".encode())


def _secret_reason(world: World, seat: str, bidder: str, ground: str) -> Disclosure:
    return world.hide("reason", f"secret {seat} {bidder} {ground}", f"{seat} 的表决理由")


def seal_vote(
    world: World, seat: str, bidder: str, ground: str, choice: Choice, at: tuple[str, str] = ONE
) -> Entry | Refusal:
    """A secret vote by its commitment; `open_vote` with the same choice opens it."""
    reason = _secret_reason(world, seat, bidder, ground).digest
    commitment = vote_commitment(
        world.session, world.stage(*at), seat, bidder, ground, choice, reason, _nonce(seat, bidder, ground)
    )
    return do(world, seat, acts.CastSecretVote(bidder, ground, commitment), at)


def open_vote(
    world: World, seat: str, bidder: str, ground: str, choice: Choice, at: tuple[str, str] = ONE
) -> Entry | Refusal:
    reason = _secret_reason(world, seat, bidder, ground)
    content = acts.OpenVote(bidder, ground, choice, reason.digest, _nonce(seat, bidder, ground))
    return do(world, seat, content, at, reason)


def same_brand(world: World, *bidders: str, by: str = "agent", at: tuple[str, str] = ONE) -> Entry | Refusal:
    text = hidden(world, "statement", "核心产品均为同一品牌")
    return do(world, by, acts.NoteSameBrand(bidders, text.digest), at, text)


def confirm_share(
    world: World, bidder: str, share: str, by: str = "agent", at: tuple[str, str] = ONE
) -> Entry | Refusal:
    found = hidden(world, "deduction", Deduction(share, "已核对中小企业声明函"))
    return do(world, by, acts.ConfirmDeduction(bidder, found.digest), at, found)


def ask(
    world: World, seat: str, bidder: str, purpose: Purpose = "unclear", at: tuple[str, str] = ONE
) -> Entry | Refusal:
    question = hidden(world, "question", "请说明工期的含义")
    return do(world, seat, acts.AskClarification(bidder, purpose, question.digest), at, question)


def answer(
    world: World, author: str, number: int, text: str = "工期按日历天计", *, refused: bool = False,
    at: tuple[str, str] = ONE,
) -> Entry | Refusal:  # fmt: skip
    held = (hidden(world, "reply", text),) if text else ()
    content = acts.AnswerClarification(number, held[0].digest if held else b"", refused)
    return do(world, author, content, at, *held)


def close(world: World, author: str, number: int, result: Any, at: tuple[str, str] = ONE) -> Entry | Refusal:
    return do(world, author, acts.CloseClarification(number, result), at)


def correct(
    world: World, seat: str, bidder: str, schedule: Schedule | Correction, at: tuple[str, str] = ONE
) -> Entry | Refusal:
    value = correction(schedule, world.plan.regime) if isinstance(schedule, Schedule) else schedule
    held = hidden(world, "price_correction", value)
    return do(world, seat, acts.ProposeCorrection(bidder, held.digest), at, held)


def conclude(world: World, author: str = "agent", at: tuple[str, str] = ONE) -> Entry | Refusal:
    return do(world, author, acts.ConcludePreliminary(), at)


def review(world: World, lot: str, envelope: str) -> None:
    """The whole preliminary review; the case's rejections by a vote of all members."""
    at = (lot, envelope)
    begin(world, lot, envelope)
    for one in world.case.rejections:
        if one.lot == lot:
            ground = "51-1" if world.plan.regime == "TENDER" else "87-63-1"
            assert isinstance(propose(world, world.members()[0], one.bidder, ground, at), Entry)
            all_vote(world, one.bidder, ground, len(world.members()), at)
    pass_all(world, lot, envelope)
    done = conclude(world, at=at)
    assert isinstance(done, Entry), done
