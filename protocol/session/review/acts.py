"""Which of the group's acts is decided where: the form of its content, and its rule.

`BeginPreliminary` and `CloseScoring` have rows here for their guards; their rule is the move alone.
"""

from protocol import commands_review as cmd
from protocol.commands import SealSheet
from protocol.session.asked import Deciding
from protocol.session.review import balloting, clarification, findings, preliminary, rejection

RULED: dict[type, Deciding] = {
    cmd.PublishItems: preliminary.publish_items,
    cmd.MarkItem: preliminary.mark_item,
    cmd.CheckBlindPart: preliminary.check_blind_part,
    cmd.ConcludePreliminary: preliminary.conclude,
    SealSheet: preliminary.seal_sheet,
    cmd.AskClarification: clarification.ask,
    cmd.ProposeCorrection: clarification.propose_correction,
    cmd.AnswerClarification: clarification.answer,
    cmd.CloseClarification: clarification.close,
    cmd.ProposeRejection: rejection.propose,
    cmd.VoteCompetition: rejection.vote_competition,
    cmd.CastVote: rejection.cast,
    cmd.CloseVote: rejection.close,
    cmd.CastSecretVote: balloting.cast_secret,
    cmd.OpenVote: balloting.open_vote,
    cmd.NoteSameBrand: findings.same_brand,
    cmd.ConfirmDeduction: findings.confirm_deduction,
}
