"""Which of the group's acts is decided where: the form of its content, and its rule."""

from protocol import commands as cmd
from protocol import commands_turns as turns
from protocol.session.asked import Deciding
from protocol.session.turns import (
    dissent,
    envelopes,
    failing,
    more_time,
    objections,
    rates,
    rebuilding,
    recheck,
    reevaluation,
    suspension,
    ties,
)

RULED: dict[type, Deciding] = {
    turns.BeginRecheck: recheck.begin,
    turns.FindAbnormal: recheck.find_abnormal,
    turns.CorrectItem: recheck.correct,
    turns.EndRecheck: recheck.end,
    turns.ExplainDeviation: recheck.explain,
    turns.AskMoreTime: more_time.ask,
    turns.ExtendTime: more_time.extend,
    turns.Suspend: suspension.suspend,
    turns.ReconfirmSeat: suspension.reconfirm,
    turns.Resume: suspension.resume,
    turns.VoidCommittee: rebuilding.void,
    turns.RebuildCommittee: rebuilding.rebuild,
    turns.FailSession: failing.fail_session,
    turns.FailStage: failing.fail_stage,
    turns.RecordDissent: dissent.record,
    turns.RefuseToSign: dissent.refuse_to_sign,
    turns.DeemAgreement: dissent.deem,
    cmd.ImportOpening: envelopes.import_opening,
    turns.ConfirmPassing: envelopes.confirm_passing,
    cmd.ConfirmRanking: envelopes.confirm_ranking,
    turns.BeginDrawK: rates.begin,
    turns.CommitK: rates.commit,
    turns.RevealK: rates.reveal,
    turns.RestartDrawK: rates.restart,
    turns.RaiseObjection: objections.raise_one,
    turns.AnswerObjection: objections.answer,
    turns.DecideTie: ties.decide_tie,
    turns.BeginReevaluation: reevaluation.begin,
}
