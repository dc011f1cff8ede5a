"""Refusal texts: milestones and heads (SPEC 27)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "PolicyForeign": Term(
        "信任策略与开评前约定的不符({why}),未予采用。请使用开评前交付各省的策略文件。",
        "This is not the trust policy that was agreed before the session ({why}). Use the file that every "
        "province was handed then.",
    ),
    "QuorumUnmet": Term(
        "里程碑“{milestone}”的联署未达信任策略要求,尚缺:{missing}。请等待其联署节点恢复;法定数不可豁免。",
        "The milestone “{milestone}” lacks its quorum, without: {missing}. Wait for those cosigners; the "
        "quorum cannot be waived.",
    ),
    "CosignerUnknown": Term(
        "里程碑“{milestone}”所列的联署或待补签与信任策略不符。请由协调系统重新提交。",
        "Who is named for the milestone “{milestone}” does not follow from the trust policy. The coordinator "
        "has to propose it anew.",
    ),
}
