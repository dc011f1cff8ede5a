"""Refusal texts: suites, containers, keys of bids."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    # Seals
    "SuiteUnknown": Term(
        "系统没有密码套件“{suite}”。请核对招标项目指定的套件,或升级系统。",
        "There is no suite “{suite}” here. Check which suite the project names, or upgrade.",
    ),
    "SuiteMixed": Term(
        "密钥或数据不属于本项目的密码套件“{suite}”。请使用该套件的证书重新操作。",
        "The key or the data is not of this project's suite “{suite}”. Do it again with a certificate "
        "of that suite.",
    ),
    "KeyRefused": Term(
        "密钥不可用({why})。请核对所选证书或密钥文件后重试。",
        "The key cannot be used ({why}). Check which certificate or key file was chosen and try again.",
    ),
    "SealBroken": Term(
        "密封数据未能打开({part}):密钥或所属标书不符,或数据被截断、改动。请核对文件是否完整、是否属于本标书。",
        "The sealed data did not open ({part}): the key or the bid it belongs to is another, or it was cut "
        "or changed. Check that the file is whole and belongs to this bid.",
    ),
    "BoxRefused": Term(
        "密钥信封未能打开({why})。请核对收件人证书与所属标书。",
        "The boxed key did not open ({why}). Check whose certificate it was made for, and for which bid.",
    ),
    # Keys on paper
    "PaperRefused": Term(
        "纸质密钥第 {line} 行与原件不符(0 表示各行单独无误,但合起来不是一个密钥)。"
        "请对照纸面逐字核对后重新输入。",
        "Line {line} of the key on paper is not as it was printed (0: each line is right by itself, but "
        "together they are no key). Compare it with the paper letter by letter and type it again.",
    ),
    # Bids' keys
    "GroupRefused": Term(
        "密钥托管组“{group}”不成立({why})。请按招标文件核对成员与门限。",
        "There can be no group of custodians “{group}” like this ({why}). Check its members and its "
        "threshold against the tender document.",
    ),
    "ShareFalse": Term(
        "托管方“{custodian}”释放的密钥份额与标书所载承诺不符,未予使用。请记录在案,并请该组“{group}”的其他成员释放。",
        "The share that “{custodian}” released is not the one the bid commits to, and was not used. Record "
        "it, and have other members of the group “{group}” release theirs.",
    ),
    "SharesTooFew": Term(
        "密钥托管组“{group}”还缺 {missing} 个份额,标书尚不能开启。请等待其他成员释放。",
        "The group “{group}” lacks {missing} more shares, so the bid cannot be opened yet. Wait for other "
        "members to release theirs.",
    ),
    "DealerFault": Term(
        "投标人制作标书时分配的密钥不一致(组“{group}”{custodian}:{why}),该标书无法开启,责任在投标人。"
        "截止前请投标人重新制作并递交。",
        "The keys that the bidder's program dealt do not belong together (group “{group}” {custodian}: "
        "{why}); the bid cannot be opened, by the bidder's fault. Before the deadline, have it sealed and "
        "handed in anew.",
    ),
    "ContainerBroken": Term(
        "标书文件已损坏({part})。请重新上传该部分,或使用完好的副本。",
        "The bid's file is damaged ({part}). Send that part again, or use a copy that is whole.",
    ),
    "NameRefused": Term(
        "文件名“{name}”不能用于标书({rule})。请改名后重新密封。",
        "The name “{name}” cannot be used in a bid ({rule}). Rename the file and seal again.",
    ),
    "FileChanged": Term(
        "文件“{name}”在密封过程中被改动。请关闭正在编辑它的程序后重新密封。",
        "The file “{name}” changed while it was being sealed. Close what is editing it and seal again.",
    ),
}
