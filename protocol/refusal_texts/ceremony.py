"""Refusal texts: the opening ceremony and the escrow of scores (SPEC 28)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "OpeningSealed": Term(
        "本系统不导入开标结果:标书须密封递交,并由招标人主持当众开启。请公布密钥托管方并按开标程序进行。",
        "No opening is imported here: bids are handed in sealed and opened in front of everyone, the "
        "tenderee presiding. Appoint the custodians and hold the opening.",
    ),
    "CustodiansTooFew": Term(
        "密钥托管方不足({groups}),标书不能开启,任何人都不能强行开启。请等待其上线;久候不至的,中断本次开标。",
        "Too few custodians are here ({groups}), so no bid can be opened, and nobody can force it. Wait for "
        "them; if they do not come, suspend the opening.",
    ),
    "NotCustodian": Term(
        "“{custodian}”不是本次开标的密钥托管方,未予接受。请核对招标文件公布的托管方。",
        "“{custodian}” is no custodian of this opening; nothing was taken. Check the tender document.",
    ),
    "ChallengeStale": Term(
        "应答针对的不是本次点名。请重新读取记录后应答。",
        "The answer is to another roll-call. Read the record again and answer this one.",
    ),
    "UnknownBid": Term(
        "没有可由您解密的标书“{bid}”。请核对标书编号。",
        "There is no bid “{bid}” that is yours to unlock. Check its number.",
    ),
    "AlreadyReleased": Term(
        "“{who}”已解密,不可撤回,也无需重复。",
        "“{who}” has released already. It cannot be taken back and need not be done again.",
    ),
    "WindowOver": Term(
        "解密时间已过,标书“{bid}”未能解密。请向招标人说明原因,由其记录并按招标文件的补救方案处理。",
        "The time to unlock is over; bid “{bid}” was not unlocked. Tell the tenderee why: it is "
        "recorded, and the tender document's remedy applies.",
    ),
    "WindowOpen": Term(
        "解密时间未到,{bids} 尚未解密。请等待倒计时结束。",
        "The time to unlock is not over, and {bids} are not unlocked yet. Wait for the countdown.",
    ),
    "NothingReleased": Term(
        "没有任何标书解密,托管方无从解密。请由招标人决定本标段是否终止。",
        "No bid was unlocked, so custodians have nothing to release for. The tenderee decides on the lot.",
    ),
    "OtherBids": Term(
        "“{custodian}”所列标书与记录不一致。请重新读取记录。",
        "The bids that “{custodian}” names are not those of the record. Read the record again.",
    ),
    "ReleaseForeign": Term(
        "解密信息不属于本次开标({why})。请用本次开标公布的密钥重新制作。",
        "The release is not of this opening ({why}). Make it anew with the keys that this opening names.",
    ),
    "ReleaseForged": Term(
        "解密信息不是由制作标书“{bid}”的证书签署,未予接受。请使用原证书。",
        "The release is not signed by the key that sealed bid “{bid}”; it was not taken. Use that key.",
    ),
    "NoOpeningKey": Term(
        "会场“{venue}”没有本次开标的密钥。请由有密钥的会场办理。",
        "Venue “{venue}” has no key of this opening. A venue that has one does this.",
    ),
    "DigestsUnequal": Term(
        "各会场({venues})解密结果不一致,不能公布。请各会场核对标书文件后重新报告。",
        "The venues ({venues}) have not found the same; nothing is published. Each checks its files and "
        "reports again.",
    ),
    "NotOpened": Term(
        "公布的投标人与各会场解密结果不一致:{bidders}。请按解密结果公布。",
        "The bidders to be published are not those whose bids were opened: {bidders}. Publish those.",
    ),
    "BidNotFailed": Term(
        "标书“{bid}”并无解密失败,无需记录。",
        "Bid “{bid}” has not failed; there is nothing to record.",
    ),
    "CustodyRefused": Term(
        "密钥托管服务拒绝释放({part}):{why}。未释放任何份额。请按所述核对后重新请求。",
        "The custodian's service releases nothing ({part}): {why}. Check what it names, and ask again.",
    ),
    "EscrowAwaited": Term(
        "{seats} 的评分尚未由足够的托管方确认保管。请等待线路恢复,系统会自动补齐。",
        "Too few custodians have acknowledged the scores of {seats}. It follows once the line is up.",
    ),
}
