"""Refusal texts: lines and machines."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "NotDurable": Term(
        "系统暂时无法保存(磁盘或数据库故障),操作未受理。稍后将自动重试。",
        "The system cannot store right now (disk or database); the act was not taken. "
        "It will be tried again.",
    ),
    "LineDown": Term(
        "与协调系统的线路中断;您的操作已保存在本会场,恢复后自动送出。",
        "The line to the coordinator is down; your act is kept at this venue and goes out later.",
    ),
    "TooBusy": Term("请求过于频繁。请稍候几秒再试。", "Too many requests. Wait a few seconds and try again."),
    "Faulted": Term(
        "系统内部出错,操作未受理。请重试;若再次出现,请联系场所技术员。",
        "Something went wrong on our side and the act was not taken. Try again; if it happens again, "
        "call the venue's technician.",
    ),
    "Stopping": Term("系统正在停机维护,稍后自动恢复。", "The system is stopping; it will be back shortly."),
}
