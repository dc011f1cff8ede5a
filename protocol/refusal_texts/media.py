"""Refusal texts: live media (SPEC 30)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "TalkClosed": Term(
        "会商室现在关闭({why})。独立评分结束、进入可以讨论的阶段后会自动开放。",
        "The talk-room is closed now ({why}). It opens by itself once scoring alone is over and the rules "
        "let the committee confer.",
    ),
}
