"""Refusal texts: one venue's witness record accepted by another (见证互认)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "OwnRecord": Term(
        "席位“{seat}”的见证记录属于本会场({venue}),应由其他会场互认。请选择其他会场的记录。",
        "The witness record of seat “{seat}” is this venue's own ({venue}); other venues accept it. Choose "
        "another venue's.",
    ),
    "RecordUnsigned": Term(
        "席位“{seat}”的见证记录尚未签署,不能互认。请等其签署后再办理,或电话告知对方会场。",
        "The witness record of seat “{seat}” is not signed yet, so it cannot be accepted. Wait until it is, "
        "or call that venue.",
    ),
    "RecordUnseen": Term(
        "本页核对过的检查点还不含席位“{seat}”的签署(第 {entry} 条)。请等页面核对到新的检查点后再互认。",
        "The head that this page has verified does not cover the signature of seat “{seat}” yet (entry "
        "{entry}). Wait until the page has verified a newer head and accept then.",
    ),
    "UnknownReason": Term(
        "异议理由“{reason}”不在理由表中,或与结论不符。请重新选择:互认不带理由,异议须选一项。",
        "The reason “{reason}” is not in the table, or does not go with the verdict. Choose again: none to "
        "accept, one to object.",
    ),
    "RemarkNeeded": Term(
        "理由为“其他”时须写明备注。请填写后重试。",
        "Something else needs a remark. Write it and try again.",
    ),
}
