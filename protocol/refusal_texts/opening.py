"""Refusal texts: bids, scores, the opening record, witnessing."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    # Bids, scores
    "UnknownBidder": Term("没有投标人“{bidder}”。", "There is no bidder “{bidder}”."),
    "TooFewBids": Term(
        "只有 {count} 份投标,少于 {needed} 份,不得开标。",
        "Only {count} bids, fewer than {needed}: they may not be opened.",
    ),
    "AlreadySealed": Term(
        "席位“{seat}”的评分已封存,不能更改。",
        "Seat “{seat}” has sealed its scores; they cannot be changed.",
    ),
    "NotSealed": Term("席位“{seat}”没有封存的评分。", "Seat “{seat}” has no sealed scores."),
    "OpeningMismatch": Term(
        "席位“{seat}”提供的评分与封存的承诺不符。请从原席位重新提供。",
        "The opening given for seat “{seat}” does not match its commitment. Supply the original.",
    ),
    "AlreadyDone": Term("该步骤已完成,无需重复。", "This step is done already."),
    "SheetInvalid": Term("席位“{seat}”的评分表有误:{zh}", "The sheet of seat “{seat}” is not valid: {en}"),
    # Opening record and witnessing
    "AlreadyReadOut": Term(
        "投标人“{bidder}”已唱标,无需重复。请继续下一份。",
        "Bidder “{bidder}” has been read out. Go on with the next bid.",
    ),
    "AlreadySigned": Term(
        "席位“{seat}”已签署,不能重复签署。",
        "Seat “{seat}” has signed; it cannot be signed twice.",
    ),
    "RecordMismatch": Term(
        "席位“{seat}”签署的内容与已入账的记录不一致。请等待全部记录被接受,刷新后重新核对并签署。",
        "What seat “{seat}” signs is not what the record holds. Wait until everything is accepted, reload, "
        "look at it again and sign.",
    ),
    "RecordSigned": Term(
        "席位“{seat}”的见证记录已签署,不能再增加。如有新情况,请告知监督人员。",
        "The witness record of seat “{seat}” is signed; nothing can be added. Tell a supervisor of "
        "anything new.",
    ),
    "ObservationsFull": Term(
        "本席位的见证记录已达 {limit} 条。请签署见证记录,并告知监督人员。",
        "This seat has noted {limit} observations. Sign the witness record and tell a supervisor.",
    ),
    "UnknownItem": Term(
        "见证事项表中没有“{item}”。请刷新页面后重新选择。",
        "There is no item “{item}” in the table of observations. Reload the page and choose again.",
    ),
    "UnknownSubject": Term(
        "本场没有席位或会场“{subject}”。请重新选择对象。",
        "This session has no seat or venue “{subject}”. Choose the subject again.",
    ),
    "UnknownEntry": Term(
        "所引用的第 {entry} 条记录尚不存在。请刷新页面。",
        "Entry {entry}, which is referred to, does not exist yet. Reload the page.",
    ),
    "RemarkTooLong": Term(
        "备注须为 1 至 {limit} 字。请删减后重试。",
        "A remark has 1 to {limit} characters. Shorten it and try again.",
    ),
}
