"""An expert (评标专家) or the tenderee's representative under rules version 3.

Owns the order of a member's acts: check in, mark every bid item by item, ask and vote, fill in and seal the
sheet, recuse where the course has it, explain what lies far from the others, answer the report.
Source: 12号令 12-27, 43; 条例 48, 53; 87号令 45, 50, 62.
"""

from collections.abc import Iterator

import msgspec

from ops.people.deed import Deed, Scene, at
from ops.people.roles import business, chairing, marking, rechecking
from protocol import canonical
from protocol.commands import CheckIn
from protocol.commands_draw import DeclareRecusal
from protocol.commands_turns import AskMoreTime, ExplainDeviation, RecordDissent, RefuseToSign
from protocol.methods.evaluation import Evaluation
from protocol.views import SeatView, StageView

EXPLANATION = "该方案与现场条件不符,评分依据见个人评审记录。"
OF_STAGE = ("MarkItem", "SealSheet", "ExplainDeviation", "AskClarification")
DISSENT = "对第一名的技术评分有不同意见,理由见附页。"


def next_deed(scene: Scene) -> Deed | None:
    """The member's next act, if there is one now."""
    mine = next((one for one in scene.view.seats if one.seat == scene.seat), None)
    committee = scene.view.committee
    left = committee is not None and scene.seat in {*committee.recused, *committee.replaced}
    return None if mine is None or mine.reserve or left else scene.first(_deeds(scene, mine))


def _deeds(scene: Scene, mine: SeatView) -> Iterator[Deed | None]:
    view = scene.view
    if not mine.checked_in:
        committee = view.committee
        if committee is not None and committee.drawn and scene.seat not in committee.identified:
            return
        if view.phase in ("CHECKIN", "COMMITTEE_READY") and view.undertaking is not None:
            undertaking = canonical.sha256(view.undertaking.encode())
            yield Deed("CheckIn", content=CheckIn(undertaking, "none"))
        return
    if view.phase == "COMMITTEE_READY":
        yield from _recusals(scene)
        yield from chairing.deeds(scene)
        for place in view.stages:
            yield from _more_time(scene, place)
            yield from business.deeds(scene, place)
            yield from rechecking.deeds(scene, place)
    for one in scene.awaited():
        if one.act in OF_STAGE:
            yield from _of_stage(scene, scene.stage(one.lot, one.envelope), one.act)
    if view.phase == "SIGNING" and view.signing is not None and not mine.signed:
        yield from _answers(scene)


def _of_stage(scene: Scene, place: StageView, act: str) -> Iterator[Deed]:
    if act == "MarkItem":
        yield from marking.deeds(scene, place, scene.seat, keep_last=business.goes_on(scene, place))
    elif act == "ExplainDeviation":
        yield from () if rechecking.to_come(scene, place) else _explanations(scene, place)
    elif act == "AskClarification":
        yield from business.low_prices(scene, place)
    elif not _holds_back(scene):
        yield Deed(act, at(place))


def _holds_back(scene: Scene) -> bool:
    """Whether something is to happen before this member seals: a suspension, a recusal, a void committee."""
    course, view = scene.course, scene.view
    recusal, suspension, voiding = course.recusal, course.suspension, course.voiding
    sits = recusal is not None and any(seat.seat == recusal.seat for seat in view.seats)
    if recusal is not None and sits and scene.seat not in recusal.sealed:
        return view.committee is None or not view.committee.replaced
    if view.void:
        return False
    if suspension is not None and "SUSPENDED" not in view.path and scene.seat not in suspension.sealed:
        return True
    return voiding is not None and scene.seat not in voiding.sealed


def _more_time(scene: Scene, place: StageView) -> Iterator[Deed]:
    """评标时间不够 (条例 48): said once, before the own sheet is sealed."""
    if scene.seat in scene.course.more_time and place.phase == "DETAILED":
        yield Deed("AskMoreTime", at(place), AskMoreTime(), about="more time")


def _recusals(scene: Scene) -> Iterator[Deed]:
    """The course's recusal, once this seat's sheet is sealed."""
    recusal = scene.course.recusal
    sealed = any(
        sheet.seat == scene.seat and sheet.sealed
        for place in scene.view.stages
        for sheet in place.sheets or ()
    )
    if recusal is not None and recusal.seat == scene.seat and sealed:
        text = scene.hide("remark", recusal.text, "recusal")
        content = DeclareRecusal(recusal.ground, recusal.bidder, text.digest)
        yield Deed("DeclareRecusal", content=content, disclosures=(text,), about="recusal")


def _explanations(scene: Scene, place: StageView) -> Iterator[Deed]:
    """畸高畸低: why one's own points lie so far from the others'."""
    assert place.tally is not None
    for one in msgspec.json.decode(place.tally, type=Evaluation).deviations:
        if one.over and one.seat == scene.seat:
            about = f"{one.bidder} {one.criterion}"
            words = scene.course.explanations.get((one.seat, one.bidder, one.criterion), EXPLANATION)
            text = scene.hide("explanation", words, place.lot, place.envelope, str(place.round), about)
            content = ExplainDeviation(one.bidder, one.criterion, text.digest)
            yield Deed("ExplainDeviation", at(place), content, (text,), about=about)


def _answers(scene: Scene) -> Iterator[Deed]:
    """The report: signed, or not, with reasons or without (条例 53)."""
    signing = scene.view.signing
    assert signing is not None
    how = scene.course.signing.get(scene.seat)
    if scene.seat in (*signing.dissents, *signing.refused, *signing.deemed):
        return
    if how == "dissent":
        text = scene.hide("dissent", DISSENT, signing.report.hex())
        yield Deed("RecordDissent", content=RecordDissent(signing.report, text.digest), disclosures=(text,))
    elif how == "refuse":
        yield Deed("RefuseToSign", content=RefuseToSign(signing.report))
    else:
        yield Deed("SignReport")
