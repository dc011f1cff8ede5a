"""Refusal texts: bids on their way to the coordinator (SPEC 23)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "TenderUnknown": Term(
        "本系统没有为“{session}”接收标书。请核对招标文件中的会话编号与地址。",
        "No bids are received for “{session}” here. Check the session's id and the address in the tender "
        "document.",
    ),
    "NoticeRefused": Term(
        "收标公告未被接受({why})。请核对各项内容后由代理机构重新签发。",
        "The notice was not accepted ({why}). Check what it says, and have the agent sign it anew.",
    ),
    "NoRoom": Term(
        "接收空间不足,未保存任何内容。请立即联系招标代理机构扩充空间后重试。",
        "There is no room to receive it, and nothing was kept. Call the agent at once to have room made, "
        "then try "
        "again.",
    ),
    "TicketRefused": Term(
        "投标凭证无效,或已由另一把密钥使用。请核对凭证,并使用首次递交时的密钥;否则请向代理机构换领。",
        "The ticket is not valid, or another key has used it. Check it, and use the key of the first "
        "time; else ask "
        "the agent for another.",
    ),
    "BidsNotYet": Term(
        "尚未开始接收标书。请在公告的开始时间之后重试。",
        "Bids are not received yet. Try again after the time that the notice names.",
    ),
    "BidsClosed": Term(
        "投标截止时间已过,不再接收、替换或撤回标书。截止前已取得的回执仍然有效。",
        "The deadline has passed; nothing is received, replaced or withdrawn any more. Receipts from "
        "before it hold.",
    ),
    "BidsStillOpen": Term(
        "投标截止时间未到,不能查看已递交的标书。请在截止后再试。",
        "The deadline has not come; nobody may learn what has been handed in. Try again after it.",
    ),
    "BidElsewhere": Term(
        "该标书不属于本项目({what}:{given},应为 {expected})。请核对所选文件与地址。",
        "This bid is not for this tender ({what}: {given}, expected {expected}). Check the file and the "
        "address.",
    ),
    "PolicyMismatch": Term(
        "标书不是按本标段({lot}/{envelope})的密封方案密封的。请用招标文件所附的方案重新密封。",
        "The bid was not sealed by the policy of this lot ({lot}/{envelope}). Seal it anew with the one "
        "that came with "
        "the tender document.",
    ),
    "BidTooLarge": Term(
        "标书文件过大({size} 字节,上限 {limit} 字节)。请压缩内容后重新密封。",
        "The bid is too large ({size} bytes, at most {limit}). Make its files smaller and seal it anew.",
    ),
    "BidIdTaken": Term(
        "标书编号“{bid}”不可用。请换一个编号重新密封(默认编号随机)。",
        "The bid's id “{bid}” cannot be used. Seal it anew under another one (the default is random).",
    ),
    "SegmentDamaged": Term(
        "第 {number} 段在传输中损坏,未保存。请重新上传该段;若再次出现,请检查本机的标书文件。",
        "Segment {number} was damaged on the way and not kept. Send it again; if it happens again, "
        "inspect the file on "
        "your machine.",
    ),
    "UploadUnknown": Term(
        "这次上传已不存在。请重新开始;已保存的分段不必再传。",
        "This upload is known no more. Begin again; what was kept need not be sent again.",
    ),
    "WithdrawalRefused": Term(
        "撤回未执行:所附回执不是现行有效的回执,或签名不是递交时的密钥。请使用最新的回执与原密钥。",
        "Nothing was withdrawn: the receipt is not the one that counts, or the key is not the bid's. Use "
        "the newest "
        "receipt and the same key.",
    ),
    "ReceiptRefused": Term(
        "回执无效({why})。请核对文件;若确为系统所发,请联系招标代理机构。",
        "The receipt does not hold ({why}). Check the file; if it came from the system, call the agent.",
    ),
    "ReceivingElsewhere": Term(
        "标书由另一台协调服务器接收。请稍候从原地址重试。",
        "Another coordinator of this house receives bids. Wait a little and try again at the usual address.",
    ),
}
