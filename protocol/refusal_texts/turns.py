"""Refusal texts: lawful turns of an evaluation."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "SessionSealed": Term(
        "评标已中断或终止({phase}),全部封存,暂不受理“{type}”。请等待恢复后再办理。",
        "The session stands still ({phase}) and everything is sealed; “{type}” is not taken now. Do it again "
        "once the session goes on.",
    ),
    "SuspendedTooLong": Term(
        "中断已 {minutes} 分钟,超过 {limit} 分钟的限度,不能恢复。请作废评标委员会并重新组建,或终止本次评标。",
        "The suspension has lasted {minutes} minutes, over its limit of {limit}; it cannot be resumed. Have "
        "the committee declared void and a new one formed, or end the evaluation.",
    ),
    "GroundUnknown": Term(
        "“{ground}”不是允许的复核理由。可用的理由:{grounds}。",
        "“{ground}” is no ground on which scores may be corrected here. These are: {grounds}.",
    ),
    "OwnSheetOnly": Term(
        "只有席位“{seat}”的评委本人可以更正其评分。请由本人在本席位办理。",
        "Only the member at seat “{seat}” may correct that sheet. They do it at their own seat.",
    ),
    "GroundUnfit": Term("复核理由不成立:{zh}。", "The ground for the correction does not hold: {en}."),
    "CorrectionInvalid": Term("更正内容有误:{zh}", "The correction is not valid: {en}"),
    "TooEarly": Term(
        "签署时限未到,还须等待 {minutes} 分钟。请等待,或请该成员签署、书面说明不同意见或明确拒签。",
        "The time for signing is not over; {minutes} minutes are left. Wait, or ask the member to sign, to "
        "dissent in writing or to refuse.",
    ),
    "SeatUsed": Term(
        "席位“{seat}”属于已作废的评标委员会。请为新成员使用新的席位号。",
        "Seat “{seat}” was on a committee that is void. Give the new member a seat id of their own.",
    ),
    "MemberAgain": Term(
        "席位“{seat}”的人员是已作废的评标委员会的成员,不得再次参加。请另行抽取。",
        "The person at seat “{seat}” was on a committee that is void and may not sit again. Draw another.",
    ),
    "WrongEnvelope": Term(
        "信封“{envelope}”不适用此操作。请使用“{type}”,或在相应的信封办理。",
        "This act is not for envelope “{envelope}”. Use “{type}”, or do it in the envelope that it is for.",
    ),
    "NotPassing": Term(
        "下一信封只开启通过上一信封的投标人,且代号不变;不符:{bidders}。请更正导入文件。",
        "The next envelope is opened for exactly those who passed the one before, under the same codes; "
        "different: {bidders}. Correct the import.",
    ),
    "PassingMismatch": Term(
        "进入下一信封的投标人与汇总结果不一致。请按汇总结果确认。",
        "Those who go on are not those whom the tally lets pass. Confirm as the tally has it.",
    ),
    "DrawClosed": Term(
        "“{rate}”已开始揭示,不再接受新的承诺。本席位无需操作。",
        "The reveal of “{rate}” has begun; no further commitment is taken. Nothing is left to do here.",
    ),
    "RevealMismatch": Term(
        "席位“{seat}”揭示的随机数与其承诺不符。请从提交承诺的设备揭示。",
        "What seat “{seat}” reveals is not what it committed to. Reveal from the device that committed.",
    ),
    "UnknownObjection": Term(
        "没有第 {number} 号异议。请刷新页面。",
        "There is no objection {number}. Reload the page.",
    ),
    "ReportIncomplete": Term(
        "评标报告缺少法定内容:{zh}。请补全后重新导入。",
        "The report lacks what the law asks for: {en}. Complete it and import it again.",
    ),
}
