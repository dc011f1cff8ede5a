"""What the course has one member do in the review: ask, close what was answered, propose, have it voted on.

Owns the order of that, and the votes of everybody. Until a member's own business is done it keeps back the
last of its marks, so that the review waits for it. Source: SPEC 16.2, 16.4; 条例 51, 52; 12号令 27.
"""

from collections.abc import Iterator

import msgspec

from ops.people.course import Proposal, Question
from ops.people.deed import Deed, Scene, at
from protocol import hidden
from protocol.commands_review import (
    AskClarification,
    CastSecretVote,
    CastVote,
    Choice,
    CloseClarification,
    OpenVote,
    ProposeRejection,
    VoteCompetition,
)
from protocol.methods.evaluation import Evaluation
from protocol.plan.grounds import COMPETITION, GROUNDS
from protocol.session.review.balloting import vote_commitment
from protocol.views import StageView
from protocol.views_review import ClarificationView, ReviewView, VoteView

AGREES = "该投标不符合招标文件的实质性要求,应予否决。"
DIFFERS = "该偏差不构成否决投标的情形。"
PROPOSED = "评审中发现该投标存在重大偏差,提请表决。"
LOW = "贵方报价明显低于其他投标报价,请书面说明其合理性,并提供相关证明材料。"
LACKING = "有效投标不足三个,提请就是否明显缺乏竞争表决。"
STILL = "剩余投标的报价与方案仍有竞争性。"


def deeds(scene: Scene, place: StageView) -> Iterator[Deed | None]:
    """A member's business of the review, and its votes; nothing once the stage is ranked."""
    review = place.review
    if review is None or place.phase not in ("PRELIM", "DETAILED", "SUMMARY", "CLARIFYING", "REJECT_VOTE"):
        return
    yield from (_vote(scene, place, one) for one in review.votes if _open_to(scene, one))
    for asked in review.clarifications:
        if asked.seat == scene.seat and asked.answered and not asked.result:
            result = CloseClarification(asked.number, "refused" if asked.refused else "answered")
            yield Deed("CloseClarification", at(place), result)
    if review.home == "PRELIM":
        yield from _own(scene, place, review)


def low_prices(scene: Scene, place: StageView) -> Iterator[Deed]:
    """Who bids far below the others is asked why, by the first member who is awaited for it (87号令 60)."""
    here = (place.lot, place.envelope)
    awaited = [one for one in scene.view.awaited if one.act == "AskClarification"]
    first = next((one.who for one in awaited if (one.lot, one.envelope) == here), "")
    if first != scene.seat or place.review is None or place.tally is None:
        return
    asked = {one.bidder for one in place.review.clarifications if one.purpose == "low_price"}
    found = msgspec.json.decode(place.tally, type=Evaluation).low_prices or ()
    for bidder in dict.fromkeys(one.bidder for one in found if one.bidder not in asked):
        yield _ask(scene, place, Question(seat=scene.seat, bidder=bidder, purpose="low_price", text=LOW))


def goes_on(scene: Scene, place: StageView) -> bool:
    """Whether a member's own business of the review is not over yet."""
    review = place.review
    if review is None:
        return False
    questions = (one for one in scene.course.questions if one.seat == scene.seat)
    proposals = (one for one in scene.course.proposals if one.seat == scene.seat)
    return any(_closed(review, one) is None for one in questions) or any(
        (vote := vote_on(review, one.bidder, one.ground)) is None or not vote.closed for one in proposals
    )


def vote_on(review: ReviewView, bidder: str, ground: str) -> VoteView | None:
    """The vote on a bid and a ground, if there is one."""
    return next((one for one in review.votes if (one.bidder, one.ground) == (bidder, ground)), None)


def _own(scene: Scene, place: StageView, review: ReviewView) -> Iterator[Deed]:
    for question in scene.course.questions:
        if question.seat == scene.seat and _asked(review, question) is None:
            yield _ask(scene, place, question)
    for proposal in scene.course.proposals:
        waiting = proposal.seat == scene.seat and vote_on(review, proposal.bidder, proposal.ground) is None
        if waiting and _may_propose(scene, review, proposal):
            yield _propose(scene, place, proposal)
            return


def _asked(review: ReviewView, question: Question) -> ClarificationView | None:
    named = (question.seat, question.bidder, question.purpose)
    return next((one for one in review.clarifications if (one.seat, one.bidder, one.purpose) == named), None)


def _closed(review: ReviewView, question: Question) -> ClarificationView | None:
    found = _asked(review, question)
    return found if found is not None and found.result else None


def _may_propose(scene: Scene, review: ReviewView, proposal: Proposal) -> bool:
    """What the committee finds is marked first, what must be explained was asked, one vote at a time."""
    if proposal.ground == COMPETITION:
        return review.competition
    marked = review.marks.get(proposal.bidder, {})
    found = any(
        seat not in marked.get(item, {})
        for seat, bidder, item in scene.course.marks
        if bidder == proposal.bidder and seat != "desk"
    )
    explain = GROUNDS[scene.view.regime][proposal.ground].explain
    heard = any(
        one.bidder == proposal.bidder and one.purpose == "low_price" and one.result
        for one in review.clarifications
    )
    open_votes = any(not one.closed for one in review.votes)
    return not found and not open_votes and (heard or not explain)


def _ask(scene: Scene, place: StageView, question: Question) -> Deed:
    about = f"{question.bidder} {question.purpose}"
    text = scene.hide("question", question.text, place.lot, place.envelope, str(place.round), about)
    content = AskClarification(question.bidder, question.purpose, text.digest)
    return Deed("AskClarification", at(place), content, (text,))


def _propose(scene: Scene, place: StageView, proposal: Proposal) -> Deed:
    competition = proposal.ground == COMPETITION
    words = LACKING if competition else PROPOSED
    about = f"{proposal.bidder} {proposal.ground}"
    text = scene.hide("reason", words, "propose", place.lot, place.envelope, str(place.round), about)
    if competition:
        return Deed("VoteCompetition", at(place), VoteCompetition(text.digest), (text,))
    content = ProposeRejection(proposal.bidder, proposal.ground, text.digest)
    return Deed("ProposeRejection", at(place), content, (text,))


def _open_to(scene: Scene, vote: VoteView) -> bool:
    return not vote.closed and scene.seat not in vote.ballots


def _vote(scene: Scene, place: StageView, vote: VoteView) -> Deed | None:
    """A vote as the course has it; on what the course does not know, a member does not agree."""
    agrees = any(
        scene.seat in one.yes
        for one in scene.course.proposals
        if (one.bidder, one.ground) == (vote.bidder, vote.ground)
    )
    choice: Choice = "yes" if agrees else "no"
    words = AGREES if agrees else STILL if vote.ground == COMPETITION else DIFFERS
    if place.review is not None and place.review.secret:
        return _secret_vote(scene, place, vote, choice, words)
    about = f"{vote.bidder} {vote.ground}"
    text = scene.hide("reason", words, "vote", place.lot, place.envelope, str(place.round), about)
    content = CastVote(vote.bidder, vote.ground, choice, text.digest)
    return Deed("CastVote", at(place), content, (text,))


def _secret_vote(scene: Scene, place: StageView, vote: VoteView, choice: Choice, words: str) -> Deed | None:
    """秘密表决: sealed first, and opened once all are in; what it was sealed with is remembered."""
    purpose = (place.lot, place.envelope, str(place.round), vote.bidder, vote.ground)
    text = hidden.disclose("reason", scene.secret("vote reason", *purpose), words)
    nonce = scene.secret("vote nonce", *purpose)
    if scene.seat not in vote.sealed:
        told = vote_commitment(
            scene.view.session, at(place), scene.seat, vote.bidder, vote.ground, choice, text.digest, nonce
        )
        return Deed("CastSecretVote", at(place), CastSecretVote(vote.bidder, vote.ground, told))
    if not any(one.act == "OpenVote" for one in scene.awaited()):
        return None
    content = OpenVote(vote.bidder, vote.ground, choice, text.digest, nonce)
    return Deed("OpenVote", at(place), content, (text,))
