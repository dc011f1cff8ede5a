"""Refusal texts: what is asked, by whom, in which order."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    # Form
    "Malformed": Term(
        "消息格式不正确({why})。请刷新页面后重试;若再次出现,请联系场所技术员。",
        "The message is malformed ({why}). Reload the page and try again; if it happens again, "
        "call the venue's technician.",
    ),
    "TooLarge": Term(
        "消息过大({size} 字节,上限 {limit} 字节)。请减少内容后重试。",
        "The message is too large ({size} bytes, at most {limit}). Send less and try again.",
    ),
    "UnknownCommand": Term(
        "系统不认识操作“{type}”。请刷新页面以取得当前版本。",
        "The act “{type}” is not known here. Reload the page to get the current version.",
    ),
    "NotYetAvailable": Term(
        "操作“{type}”已列入规则,但本规则版本({version})尚未启用。请按现行步骤办理。",
        "The act “{type}” stands in the rules but is not yet available in rules version {version}. "
        "Follow the present steps.",
    ),
    "UnknownRules": Term(
        "本系统没有规则版本“{version}”。请核对项目文件,或升级系统。",
        "This system does not have rules version “{version}”. Check the project file or upgrade.",
    ),
    # Who
    "BadSignature": Term(
        "签名无效,操作未执行。请在本席位重新登录。",
        "The signature does not verify; nothing was done. Sign in again at this seat.",
    ),
    "UnknownAuthor": Term(
        "本场评标不认识该签名密钥。请用一次性代码在席位登录。",
        "This session does not know the signing key. Sign in at your seat with your one-time code.",
    ),
    "NotAllowed": Term(
        "“{role}”不能执行“{type}”。请由 {allowed} 办理。",
        "The role “{role}” may not do “{type}”. It is for: {allowed}.",
    ),
    "WrongSession": Term(
        "该操作属于另一场评标({session})。请打开正确的会话。",
        "This act belongs to another session ({session}). Open the right one.",
    ),
    "UnknownSession": Term(
        "没有评标会话“{session}”。请核对地址或代码。",
        "There is no session “{session}”. Check the address or the code.",
    ),
    "SessionExists": Term(
        "会话“{session}”已存在。请使用新的会话编号。",
        "Session “{session}” exists already. Use a new session id.",
    ),
    "BadAttestation": Term(
        "身份核验凭证无效。请重新登录。",
        "The identity attestation does not verify. Sign in again.",
    ),
    "BadCode": Term(
        "一次性代码不正确或已失效,还可尝试 {left} 次。请向招标代理核对代码。",
        "The one-time code is wrong or expired; {left} tries left. Ask the tender agent.",
    ),
    "CodeLocked": Term(
        "尝试次数过多,席位“{seat}”已锁定至 {until}。请联系招标代理重新发放代码。",
        "Too many tries; seat “{seat}” is locked until {until}. Ask the agent for a new code.",
    ),
    "CodeNotEnough": Term(
        "本系统要求投标人以数字证书登录,不接受一次性代码。请使用证书,或联系招标代理。",
        "This system has bidders sign in by certificate and takes no one-time codes from them. Use your "
        "certificate, or ask the tender agent.",
    ),
    "BidderSignedOut": Term(
        "登录已结束:代码已过期、已重新发放,或已在别处退出。请向招标代理索取新的一次性代码。",
        "The sign-in has ended: its code has expired, was issued anew, or was given up elsewhere. Ask the "
        "tender agent for a new one-time code.",
    ),
    "NotSignedIn": Term(
        "尚未登录或登录已失效。请用一次性代码在本席位登录。",
        "Not signed in, or the sign-in has ended. Sign in at this seat with your one-time code.",
    ),
    "SignInIdle": Term(
        "已超过 {minutes} 分钟没有任何操作,登录已自动退出。草稿和已提交的内容都已保存。"
        "请在本席位重新登录,即可从原处继续。",
        "Nothing was done here for {minutes} minutes, so this sign-in has ended. Drafts and acts are kept. "
        "Sign in again at this seat and go on from there.",
    ),
    "WrongVenue": Term(
        "席位“{seat}”不在本会场({venue})。请到所属会场登录。",
        "Seat “{seat}” is not at this venue ({venue}). Sign in at its own venue.",
    ),
    "ReadOnlyHere": Term(
        "席位“{seat}”正在另一窗口编辑,此处只读。请在那一窗口继续,或先在此处接管。",
        "Seat “{seat}” is being edited in another window; here it can only be read. Go on there, or take "
        "over here first.",
    ),
    "SeatMoved": Term(
        "席位“{seat}”已凭新的一次性代码在另一台设备登录,此处的密钥不再有效。请到那里继续;"
        "若非本人所为,请立即告知见证人员。",
        "Seat “{seat}” has been signed in on another device with a new code; the key held here speaks no "
        "more. Go on there. If it was not you, tell a witness at once.",
    ),
    # Order
    "OutOfOrder": Term(
        "操作序号 {given} 不大于已接受的 {last}。请刷新页面后重试。",
        "The act's number {given} is not above the last accepted one, {last}. Reload, try again.",
    ),
    "SeenUnknown": Term(
        "操作所依据的记录(大小 {size})与本系统的记录不符。请立即通知监督人员。",
        "The record that this act builds on (size {size}) does not match ours. Tell a supervisor at once.",
    ),
    "ClockTooFar": Term(
        "本机时钟与系统相差超过 {limit_h} 小时。请校准时钟后重试。",
        "This machine's clock is more than {limit_h} hours off. Set the clock and try again.",
    ),
    "CommandReused": Term(
        "同一操作编号已用于不同内容。请刷新页面后重新提交。",
        "The same command id was used with other content. Reload and submit again.",
    ),
    "AnswersFull": Term(
        "该席位的请求过多({limit}),暂停受理。请联系场所技术员。",
        "This author has sent too many requests ({limit}). Call the venue's technician.",
    ),
    "WrongPhase": Term(
        "当前阶段为“{phase}”,不能执行“{type}”。请等待或由招标代理推进到:{wanted}。",
        "The phase is “{phase}”; “{type}” cannot be done now. It belongs to: {wanted}.",
    ),
    "UnknownStage": Term(
        "没有标段/信封“{stage}”。请刷新页面。",
        "There is no lot and envelope “{stage}”. Reload the page.",
    ),
    "WrongRound": Term(
        "轮次 {given} 不是当前轮次 {round}。请刷新页面。",
        "Round {given} is not the present round {round}. Reload the page.",
    ),
    "GuardUnmet": Term(
        "还不能进入下一步:{zh}。",
        "The next step is not possible yet: {en}.",
    ),
    "MilestoneAwaited": Term(
        "等待里程碑“{milestone}”的联署,完成后即可继续。",
        "Awaiting the cosigned milestone “{milestone}”; then you can go on.",
    ),
    # People and seats
    "UnknownSeat": Term("没有席位“{seat}”。请核对席位号。", "There is no seat “{seat}”. Check it."),
    "UnknownVenue": Term("没有会场“{venue}”。请核对名单。", "There is no venue “{venue}”. Check the list."),
    "DuplicateId": Term(
        "“{id}”出现两次。请在导入文件中改正后重试。",
        "“{id}” stands twice. Correct the imported file and try again.",
    ),
    "KeyTaken": Term(
        "该密钥已绑定到席位“{seat}”。请在新席位重新生成密钥。",
        "This key is bound to seat “{seat}” already. Make a new key at the new seat.",
    ),
    "SeatReserve": Term("席位“{seat}”为候补,尚未启用。", "Seat “{seat}” is a reserve and not called in."),
    "AlreadyCheckedIn": Term("席位“{seat}”已签到,无需重复。", "Seat “{seat}” has checked in."),
    "NotCheckedIn": Term(
        "席位“{seat}”尚未签到(承诺书与回避声明)。请先签到。",
        "Seat “{seat}” has not checked in (undertaking and recusal). Check in first.",
    ),
    "CommitteeTooSmall": Term(
        "评标委员会 {size} 人,少于规定的 {needed} 人。请补充成员。",
        "The committee has {size} members, fewer than {needed}. Add members.",
    ),
    "CommitteeEven": Term(
        "评标委员会 {size} 人,应为单数。请增减一名成员。",
        "The committee has {size} members; the number must be odd. Add or take one.",
    ),
    "CommitteeRatio": Term(
        "技术、经济专家 {experts} 人,不足成员总数 {size} 人的 {share}。请补充专家。",
        "{experts} experts are less than {share} of {size} members. Add experts.",
    ),
}
