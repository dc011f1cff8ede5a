"""Refusal texts: the report's signatures (SPEC 29)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "PaperBegun": Term(
        "报告已有人签署,不能重新备签。如需更改,请退回重新评审。",
        "Somebody has signed the report, so it is not prepared anew. Begin a re-evaluation instead.",
    ),
    "PaperIncomplete": Term(
        "签署处与评标委员会名单不符:{seats}。请为每位成员各设一处后重试。",
        "The places do not fit the committee: {seats}. Prepare one for each member and try again.",
    ),
    "PaperOther": Term(
        "这不是会话记录所载的备签报告。请刷新后重新签署。",
        "This is not the prepared report that the session recorded. Reload and sign again.",
    ),
    "PaperNotMade": Term(
        "未能备签或签署报告({why})。请核对证书、时间戳服务与信任列表后重试。",
        "The report was not prepared or signed ({why}). Check certificate, time-stamps and trust list, and "
        "try again.",
    ),
    "NoPlace": Term(
        "备签报告中没有席位 {seat} 的签署处。请联系招标代理。",
        "The prepared report has no place for seat {seat}. Tell the agent.",
    ),
    "PaperMoved": Term(
        "在您签署期间已有他人签署。请取得最新文件后重新签署。",
        "Somebody else signed meanwhile. Fetch the file as it is now and sign again.",
    ),
}
