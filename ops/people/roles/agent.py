"""The agent (招标代理) under rules version 3: whatever is awaited of the agent, one act after the other.

Owns what the agent waits for of its own accord: that an opening is read out and signed before the review
begins, that witnesses have signed before the archive, that a suspension has lasted as long as the course has
it. Contents come prepared from the node, but for what a person finds or writes.
"""

from collections.abc import Iterator
from typing import Any

from ops.people import script
from ops.people.course import Course
from ops.people.deed import Deed, Key, Scene, at
from ops.people.roles import marking, overseeing, rechecking, turning
from protocol import canonical
from protocol.commands_draw import CallReplacement, OpenChairBallot, ReplaceMember
from protocol.commands_review import AnswerClarification, CheckBlindPart
from protocol.commands_turns import BeginRecheck, DeemAgreement, EndRecheck, ExtendTime
from protocol.plan.conduct import conduct_of
from protocol.views import Awaited, SeatView, StageView
from protocol.wire import Anew, Leaving
from protocol.words import SESSION_STAGE

DRAWING = frozenset({"BeginDrawK", "CommitK", "RevealK"})
UNAWAITED = frozenset({"AcceptWitnessRecord"})
"""What no archive waits for, where people have to say it: 见证互认 of a seat that a person holds."""
EXTENDED_MS = 1_800_000
"""How much time is added where more than a third of the members ask for it."""
RECHECKED_MS = 45_000
"""How long a recheck that somebody else began is left to those who look again."""
ANSWER = "详见投标文件相应章节。"
OTHER = "另一名招标人代表(虚构示例)"
"""Who the tenderee sends instead of a representative who leaves."""
_SIGN_TOO = frozenset({"tenderee", "witness"})
DEEMED = "该成员拒绝在评标报告上签字,且未书面说明不同意见和理由,视为同意评标结论。"


def next_deed(scene: Scene) -> Deed | None:
    """The agent's next act, if there is one now."""
    return scene.first(_deeds(scene))


def _deeds(scene: Scene) -> Iterator[Deed | None]:
    yield from turning.suspensions(scene)
    yield from calls(scene)
    for place in scene.view.stages:
        yield from rechecking.deeds(scene, place)
    yield from (_act(scene, one) for one in scene.awaited())


def _act(scene: Scene, one: Awaited) -> Deed | None:
    if not one.lot:
        return _of_session(scene, one)
    place = scene.stage(one.lot, one.envelope)
    match one.act:
        case "CheckBlindPart":
            return scene.first(_blind_checks(place))
        case "MarkItem":
            return scene.first(marking.deeds(scene, place, "desk"))
        case "BeginPreliminary":
            return None if _opening_goes_on(scene, place) else Deed(one.act, at(place))
        case "AnswerClarification":
            return scene.first(_answers(scene, place))
        case "ExtendTime":
            return Deed(one.act, at(place), ExtendTime(EXTENDED_MS))
        case "BeginRecheck":
            return Deed(one.act, at(place), BeginRecheck("objective_differs"))
        case "EndRecheck":
            return Deed(one.act, at(place), EndRecheck(), not_before_ms=place.entered_at + RECHECKED_MS)
    return Deed(one.act, at(place))


def _of_session(scene: Scene, one: Awaited) -> Deed | None:
    match one.act:
        case "ArchiveSession" if any(
            one.act not in UNAWAITED or one.who not in scene.guests for one in scene.view.outstanding
        ):
            return None
        case "AnswerIntervention":
            return scene.first(overseeing.answers(scene))
        case "Resume":
            return turning.resumption(scene)
        case "ReplaceMember" | "CallReplacement":
            return scene.first(_replacements(scene))
        case "OpenChairBallot":
            secret = conduct_of(scene.case.plan.conduct).chair_ballot == "secret"
            return Deed(one.act, content=OpenChairBallot(secret))
        case "DeemAgreement":
            return scene.first(_deemed(scene))
        case "PrepareReport":
            return Deed(one.act, SESSION_STAGE, source=_places(scene))
        case "RebuildCommittee":
            anew = scene.course.anew
            return None if anew is None else Deed(one.act, source=script.source(anew))
        case "RedrawCommittee":
            sent = {seat.seat: OTHER for seat in scene.view.seats if _sent(seat) and not seat.reserve}
            return Deed(one.act, source=canonical.encode(Anew(sent)).decode())
    return Deed(one.act, SESSION_STAGE)


def calls(scene: Scene) -> Iterator[Deed]:
    """补抽: who of the course does not come is followed, the node adding who that is."""
    view = scene.view
    for one in scene.course.calls:
        known = view.draw is not None and bool(view.draw.seed)
        if view.phase == one.phase and known == (one.phase == "CHECKIN"):
            yield _call(one.seat, one.reason, one.phase)


def called(course: Course, *phases: str) -> set[Key]:
    """By what the agent remembers that whoever does not come was followed, in these phases."""
    return {_call(one.seat, one.reason, one.phase).key for one in course.calls if one.phase in phases}


def _call(seat: str, reason: Any, about: str) -> Deed:
    meant = canonical.encode(CallReplacement(seat, reason, ())).decode()
    return Deed("CallReplacement", source=meant, about=f"{seat} {about}")


def _blind_checks(place: StageView) -> Iterator[Deed]:
    """暗标检查: every bid's blind part is looked through."""
    checked = {} if place.review is None else place.review.blind_checks
    for bid in place.bids or ():
        if bid.bidder not in checked:
            yield Deed("CheckBlindPart", at(place), CheckBlindPart(bid.bidder, "pass", b""))


def _answers(scene: Scene, place: StageView) -> Iterator[Deed]:
    """What bidders without keys answer in writing to what they were asked, handed in by the agent."""
    for one in () if place.review is None else place.review.clarifications:
        if one.answered or one.result:
            continue
        known = [q for q in scene.course.questions if (q.bidder, q.purpose) == (one.bidder, one.purpose)]
        words = known[0].answer if known else ANSWER
        held = (scene.hide("reply", words, place.lot, place.envelope, str(one.number)),) if words else ()
        content = AnswerClarification(one.number, held[0].digest if held else b"", not words)
        yield Deed("AnswerClarification", at(place), content, held)


def _replacements(scene: Scene) -> Iterator[Deed]:
    """更换: who recused itself is followed by the first reserve of its kind, or in the order of the draw."""
    committee = scene.view.committee
    if committee is None:
        return
    if committee.drawn:
        # Before the lock the next of the same order takes the seat; a successor after it has one of its own.
        gone_now = sorted(committee.recused.keys() - committee.replaced.keys())
        if scene.view.phase == "CHECKIN":
            yield from (_call(seat, "recused", "recused") for seat in gone_now)
        else:
            yield from (_followed(scene, seat) for seat in gone_now)
        return
    kinds = {seat.seat: seat.kind for seat in scene.view.seats}
    for gone in sorted(committee.recused.keys() - committee.replaced.keys()):
        reserves = [s for s in scene.view.seats if s.role == "expert" and s.reserve and s.kind == kinds[gone]]
        if reserves:
            content = ReplaceMember(gone, reserves[0].seat, "recused", (), ())
            yield Deed("ReplaceMember", content=content, about=gone)


def _followed(scene: Scene, gone: str) -> Deed:
    """Whoever comes next in the order of the draw; the tenderee's representative by another one."""
    sent = any(seat.seat == gone and _sent(seat) for seat in scene.view.seats)
    meant = Leaving(gone, "recused", "", OTHER if sent else "")
    return Deed("ReplaceMember", source=canonical.encode(meant).decode(), about=gone)


def _sent(seat: SeatView) -> bool:
    return seat.role == "expert" and seat.kind == "tenderee_rep"


def _deemed(scene: Scene) -> Iterator[Deed]:
    """视为同意: whoever refused to sign and gave no reasons."""
    signing = scene.view.signing
    if signing is None:
        return
    waited_ms = conduct_of(scene.case.plan.conduct).signing_ms
    for seat in signing.refused:
        if seat not in (*signing.deemed, *signing.dissents):
            text = scene.hide("statement", DEEMED, "deemed", seat, signing.report.hex())
            content = DeemAgreement(seat, waited_ms, text.digest)
            yield Deed("DeemAgreement", content=content, disclosures=(text,))


def _places(scene: Scene) -> str:
    """Who signs the report besides the members; empty for every witness who has signed in (SPEC 29.7)."""
    if not scene.course.tenderee_signs:
        return ""
    return ",".join(seat.seat for seat in scene.view.seats if seat.role in _SIGN_TOO and seat.bound)


def _opening_goes_on(scene: Scene, place: StageView) -> bool:
    """Whether something is to be read out or signed, or a rate to be drawn: that is the opening's."""
    drawing = (one for one in scene.view.awaited if one.act in DRAWING)
    here = (place.lot, place.envelope)
    return any((one.lot, one.envelope) == here for one in (*scene.view.outstanding, *drawing))
