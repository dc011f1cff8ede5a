"""Refusal texts: milestones and heads (SPEC 27)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "PolicyForeign": Term(
        "信任策略与开评前约定的不符({why}),未予采用。请使用开评前交付各省的策略文件。",
        "This is not the trust policy that was agreed before the session ({why}). Use the file that every "
        "province was handed then.",
    ),
    "ProvinceNotAwaited": Term(
        "{province}要求里程碑必须等待其联署({cosigners},硬等待),而现行信任策略在缺少其联署时也能达到法定数,"
        "未签署。请在协调系统的联署配置中将其设为必须等待,重新生成信任策略并交各省确认。",
        "{province} wants milestones to wait for its own cosigners ({cosigners}), and this trust policy has "
        "its quorum without them, so it was not signed. Name them as waited for (“hard”) among the "
        "coordinator's cosigners, write the policy anew, and hand it to every province.",
    ),
    "ProvinceUnsigned": Term(
        "{province}尚未签署本会话的信任策略({why}),不能预约。请与该省联系,确认其联署节点运行后重试;"
        "网络不通的,"
        "用 tongchang province request 生成文件交其签署。",
        "The province {province} has not signed this session's trust policy ({why}), so it cannot be booked. "
        "Call that province, see that its cosigner runs, and try again; where no line leads there, have it "
        "sign the file of `tongchang province request`.",
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
