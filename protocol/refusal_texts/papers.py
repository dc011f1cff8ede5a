"""Refusal texts: hidden inputs, documents, archives, what is handed over."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    # Hidden inputs
    "DisclosureMissing": Term(
        "缺少“{field}”的披露内容,无法核对。请重新提交。",
        "The disclosure of “{field}” is missing, so it cannot be checked. Submit again.",
    ),
    "DisclosureMismatch": Term(
        "“{field}”的披露内容与摘要不符。请重新提交。",
        "The disclosure of “{field}” does not match its digest. Submit again.",
    ),
    "TextLength": Term(
        "“{field}”的文字须为 1 至 {limit} 字。请修改后重试。",
        "The text “{field}” has 1 to {limit} characters. Change it and try again.",
    ),
    "PlanMismatch": Term(
        "会话参数“{field}”与评标方案不一致。请从方案重新生成。",
        "The session's “{field}” differs from the evaluation plan. Create it anew from the plan.",
    ),
    "PlanInvalid": Term("评标方案有误:{zh}", "The evaluation plan is not valid: {en}"),
    "NotACandidate": Term(
        "K 值 {k} 不在方案规定的备选值({candidates})之中。请重新抽取。",
        "K = {k} is not among the plan's candidates ({candidates}). Draw again.",
    ),
    "PriceInvalid": Term(
        "投标人“{bidder}”的报价“{price}”不是有效金额。请更正导入文件。",
        "The price “{price}” of bidder “{bidder}” is not an amount. Correct the import.",
    ),
    "TallyMismatch": Term(
        "汇总结果与按方案重新计算的结果不一致。请重新汇总。",
        "The tally differs from what the plan's rules give. Aggregate again.",
    ),
    "TallyImpossible": Term("无法汇总:{zh}", "The scores cannot be aggregated: {en}"),
    # Documents
    "ReadingEnded": Term(
        "本次阅读许可已过期,页面会自动续期;若反复出现,请在本席位重新登录。",
        "The leave to read has run out; the page renews it by itself. If this comes back, sign in again.",
    ),
    "ShelfClosed": Term(
        "该文件尚不能查阅;进入“{phase}”后开放。",
        "This document may not be read yet; it opens with “{phase}”.",
    ),
    "UnknownDocument": Term(
        "本会场没有可供本席位查阅的该文件或页面。请刷新文件目录。",
        "There is no such document or page here for your seat to read. Reload the list of documents.",
    ),
    "DocumentChanged": Term(
        "文件与目录登记的摘要不符,已停止显示。请告知见证人员,并请场所技术员重新放置文件。",
        "The file is not the one in the catalogue and is not shown. Tell a witness, and have the venue's "
        "technician put the documents in place again.",
    ),
    "PageUnreadable": Term(
        "这一页无法显示:文件损坏、过大或处理超时。其他页面不受影响;请告知场所技术员。",
        "This page cannot be shown: the file is damaged, too large or took too long. Other pages are not "
        "affected; tell the venue's technician.",
    ),
    "ReaderRestarting": Term(
        "文件显示程序正在重新启动,几秒后自动重试。评分不受影响。",
        "The program that shows documents is starting again; it is tried again in a few seconds. Scoring "
        "goes on.",
    ),
    # Archives
    "ArchiveRefused": Term(
        "归档文件不成立({part}:{why})。请勿采信,并向出具单位重新索取。",
        "The archive does not hold ({part}: {why}). Do not rely on it, and ask whoever issued it for "
        "another.",
    ),
    # Records handed over
    "HandoverRefused": Term(
        "见证记录移交清单不成立({part}:{why})。请勿采信,并向移交的会场重新索取。",
        "The witness record handed over does not hold ({part}: {why}). Do not rely on it, and ask the venue "
        "that handed it over for another.",
    ),
}
