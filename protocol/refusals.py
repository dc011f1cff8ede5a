"""Stable refusal codes: what was wrong, and what the person can do next, zh and en.

A refusal is a value, never an exception. Its code never changes its meaning; its texts
may be mended. `detail` fills the texts' braces. Codes name the fault (`SeatTaken`).
"""
# tidy: long because the texts of all refusals stand in one table

from msgspec import Struct

from protocol.words import Term


class Refusal(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why an act was not done. `code` is a key of `TEXTS`; `detail` are its particulars."""

    code: str
    detail: dict[str, str] = {}


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
    # Draw and committee
    "DrawUnknown": Term(
        "没有编号为“{draw}”的抽取。请刷新页面后重试。",
        "There is no draw “{draw}” here. Reload the page and try again.",
    ),
    "PartyUnknown": Term(
        "“{party}”不是本场登记的常设节点,不能参与抽取。请核对名单。",
        "“{party}” is no standing node of this session and cannot take part in the draw. Check the list.",
    ),
    "PartiesMissing": Term(
        "抽取缺少参与方:{missing}。每个省份和监督部门都须提交随机数。请补充。",
        "The draw lacks: {missing}. Every province and the supervisors give randomness. Add them.",
    ),
    "SharesAwaited": Term(
        "等待以下各方提交随机数:{parties}。请联系其值守人员。",
        "Awaiting randomness from: {parties}. Call those on duty there.",
    ),
    "ShareMismatch": Term(
        "“{party}”揭示的随机数与其承诺不符。请由该方重新提交原值;若不能,请告知监督人员。",
        "“{party}” reveals something else than it committed to. It gives the original, or tell a supervisor.",
    ),
    "PoolMismatch": Term(
        "专家名册与冻结的“{field}”不一致。请重新生成名册后冻结。",
        "The roll differs from the frozen “{field}”. Make the roll anew and freeze that.",
    ),
    "FilterMismatch": Term(
        "专家“{id}”的回避筛查结果重算不一致。请核对其资料后重新冻结。",
        "The conflict filter gives another result for expert “{id}”. Check the facts and freeze anew.",
    ),
    "PoolTooSmall": Term(
        "{province} 的专业“{speciality}”只有 {eligible} 名合格专家,至少需要 {needed} 名。请扩大专家库范围。",
        "{province} has {eligible} eligible experts of “{speciality}”, fewer than {needed}. Widen the pool.",
    ),
    "PoolExhausted": Term(
        "{province} 的专业“{speciality}”已无可补抽的专家。请按规定停止评标并重新组建评标委员会。",
        "{province} has nobody left of “{speciality}”. Stop, and form a new committee as the rules have it.",
    ),
    "VenuesTooFew": Term(
        "候选副场 {candidates} 个,少于需要的 {wanted} 个。请补充候选会场。",
        "{candidates} candidate sub-venues are fewer than {wanted}. Add candidates.",
    ),
    "DrawMismatch": Term(
        "席位“{seat}”所示人员不是抽取结果,不予受理。请按抽取记录重新提交,并告知监督人员。",
        "Who is shown for seat “{seat}” is not the one drawn. Submit what the draw gives; tell a supervisor.",
    ),
    "NotDrawn": Term(
        "席位“{seat}”的专家须随机抽取,不能指定。请办理抽取。",
        "The expert of seat “{seat}” must be drawn, not named. Draw one.",
    ),
    "SeatLeft": Term(
        "席位“{seat}”的成员已回避或被更换,不能再登录。请由招标代理办理更换。",
        "The member of seat “{seat}” has recused or was replaced and cannot sign in. Have another called.",
    ),
    "IdentityAwaited": Term(
        "席位“{seat}”的身份尚未核验。请先到签到台由工作人员核验身份。",
        "The identity at seat “{seat}” is not confirmed yet. Have it confirmed at the desk first.",
    ),
    "ScoresShown": Term(
        "{stages} 的评分已开启,不能单独更换成员。请停止评标,重新组建评标委员会。",
        "The scores of {stages} are open; one member can be replaced no more. Stop and form a new committee.",
    ),
    "ChairNotAllowed": Term(
        "采购人代表(席位“{seat}”)不得担任组长。请推举其他成员。",
        "The purchaser's representative (seat “{seat}”) may not chair. Elect another member.",
    ),
    "ChairElected": Term(
        "政府采购的组长由评标委员会推选,不由采购人确定 (87号令 45)。请由招标代理开始推选。",
        "In a purchase the committee elects its chair, the purchaser names none. Have the agent open a "
        "ballot.",
    ),
    "ChairUnplanned": Term(
        "招标文件规定的组长产生方式或表决方式不是这样。请按评标办法办理。",
        "The tender document has the chair chosen in another way. Go by the plan.",
    ),
    "BallotSecret": Term(
        "招标文件规定以秘密方式表决。请封存您的一票,全体投完后再开启。",
        "The tender document has votes secret. Seal your vote; it is opened when all have voted.",
    ),
    "BallotClosed": Term(
        "当前没有进行中的组长推选。请等待招标代理开始。",
        "No election of a chair is going on. Wait until the agent opens one.",
    ),
    "VoteMismatch": Term(
        "席位“{seat}”开启的选票与其承诺不符。请提供原选票。",
        "The vote that seat “{seat}” opens is not the one committed to. Give the original.",
    ),
    # Bids, scores
    "UnknownBidder": Term("没有投标人“{bidder}”。", "There is no bidder “{bidder}”."),
    "TooFewBids": Term(
        "只有 {count} 份投标,少于 {needed} 份,不得开标。",
        "Only {count} bids, fewer than {needed}: they may not be opened.",
    ),
    "AlreadySealed": Term(
        "席位“{seat}”的评分已封存,不能更改。",
        "Seat “{seat}” has sealed its scores; they cannot be changed.",
    ),
    "NotSealed": Term("席位“{seat}”没有封存的评分。", "Seat “{seat}” has no sealed scores."),
    "OpeningMismatch": Term(
        "席位“{seat}”提供的评分与封存的承诺不符。请从原席位重新提供。",
        "The opening given for seat “{seat}” does not match its commitment. Supply the original.",
    ),
    "AlreadyDone": Term("该步骤已完成,无需重复。", "This step is done already."),
    "SheetInvalid": Term("席位“{seat}”的评分表有误:{zh}", "The sheet of seat “{seat}” is not valid: {en}"),
    # Review
    "UnknownReviewItem": Term(
        "评审项目中没有“{item}”。请刷新页面后重新选择。",
        "There is no item “{item}” in this review. Reload the page and choose again.",
    ),
    "NotYourItem": Term(
        "评审项目“{item}”不由您评审。请只填写本席位负责的项目。",
        "The item “{item}” is not for your seat to review. Fill in your own items only.",
    ),
    "BidRejected": Term(
        "投标人“{bidder}”的投标已被否决,不再评审。",
        "The bid of “{bidder}” has been rejected; it is not reviewed any further.",
    ),
    "NoBlindPart": Term(
        "本标段没有暗标部分,或检查结果与发现不符。请核对后重新提交。",
        "This stage has no blind part, or result and findings do not agree. Look again and submit anew.",
    ),
    "UnknownClarification": Term(
        "没有第 {number} 号澄清。投标人只能答复评标委员会提出的问题;请刷新页面。",
        "There is no clarification {number}. Only what the committee asked is answered; reload the page.",
    ),
    "AlreadyAnswered": Term(
        "第 {number} 号澄清已答复,不能再次答复。请等待评标委员会。",
        "Clarification {number} has been answered and cannot be answered again. Wait for the committee.",
    ),
    "ClarificationOver": Term(
        "第 {number} 号澄清已结束或已过答复时限,不再接受答复。请联系招标代理。",
        "Clarification {number} is over, or its time to answer is. Ask the tender agent.",
    ),
    "StillOpen": Term(
        "第 {number} 号澄清还不能这样结束:请等待投标人答复或时限届满。",
        "Clarification {number} cannot be closed so yet: wait for the answer or the end of its time.",
    ),
    "ClarificationsFull": Term(
        "本阶段的澄清已达 {limit} 条。请联系监督人员。",
        "This stage has had {limit} clarifications. Tell a supervisor.",
    ),
    "CorrectionMismatch": Term(
        "投标人“{bidder}”的算术修正与按规则重新计算的结果不一致,或没有需要修正之处。请重新计算。",
        "The correction for “{bidder}” is not what the rules come to, or there is nothing to correct. "
        "Work it out anew.",
    ),
    "UnknownGround": Term(
        "“{ground}”不是本次评标可用的否决理由。请从法定情形中选择。",
        "“{ground}” is no ground for rejecting here. Choose one that the law names.",
    ),
    "ExplanationFirst": Term(
        "以报价过低否决前,须先书面要求投标人“{bidder}”说明并等待结果。请先发出澄清。",
        "Before a rejection for too low a price, bidder “{bidder}” must be asked in writing to explain, and "
        "the answer awaited. Ask first.",
    ),
    "AlreadyProposed": Term(
        "对投标人“{bidder}”的该事项({ground})已提出过。请在已有的表决或澄清中处理。",
        "This ({ground}) has been put forward for bidder “{bidder}” before. See the vote or clarification "
        "that there is.",
    ),
    "EnoughLeft": Term(
        "有效投标还有 {count} 个,不少于 {needed} 个,不能以缺乏竞争为由否决全部投标。",
        "{count} bids are left, not fewer than {needed}; all cannot be rejected for lack of competition.",
    ),
    "UnknownVote": Term(
        "没有对投标人“{bidder}”按“{ground}”进行的表决。请刷新页面。",
        "There is no vote on bidder “{bidder}” and ground “{ground}”. Reload the page.",
    ),
    "VoteOver": Term(
        "对投标人“{bidder}”({ground})的表决已结束。",
        "The vote on bidder “{bidder}” ({ground}) is over.",
    ),
    "BlindPartWithheld": Term(
        "投标“{bid}”的暗标检查未通过,在复查通过或评标委员会表决之前不予展示。请先评审其他投标。",
        "The blind part of bid “{bid}” failed its check and is not shown until it passes a later one or the "
        "committee has voted. Go on with the other bids.",
    ),
    "CorrectionFirst": Term(
        "以“不确认修正后的报价”为由否决前,须先请投标人“{bidder}”确认修正价格。请先提出算术修正。",
        "Before “{bidder}” is rejected for not confirming a corrected price, it must have been asked to. "
        "Propose the correction first.",
    ),
    "ShareUnfit": Term(
        "小微企业份额“{share}”不在 0 至 100 之间。请按百分比填写。",
        "A share of “{share}” is not between 0 and 100. Give it in per cent.",
    ),
    "NotTied": Term(
        "“{bidder}”不在须由招标人确定次序的并列投标人之中。请只填写并列者。",
        "“{bidder}” is not among the equal bids whose order is for the tenderee to decide. Name those alone.",
    ),
    "AlreadyVoted": Term(
        "席位“{seat}”已表决,不能更改。",
        "Seat “{seat}” has voted; a vote cannot be changed.",
    ),
    "VotesMissing": Term(
        "还有 {missing} 票未投,且可能改变结果或时限未到。请等待,或由招标代理更换不能到场的成员。",
        "{missing} votes are missing that could change the result, or the time is not over. Wait, or have "
        "the agent replace a member who cannot take part.",
    ),
    "TooFewValid": Term(
        "有效投标只有 {count} 个,少于 {needed} 个,评审不能继续。请由招标代理或招标人按规定终止本标段。",
        "Only {count} bids are left, fewer than {needed}; the review cannot go on. The agent or the tenderee "
        "ends this lot as the law says.",
    ),
    # Opening record and witnessing
    "AlreadyReadOut": Term(
        "投标人“{bidder}”已唱标,无需重复。请继续下一份。",
        "Bidder “{bidder}” has been read out. Go on with the next bid.",
    ),
    "AlreadySigned": Term(
        "席位“{seat}”已签署,不能重复签署。",
        "Seat “{seat}” has signed; it cannot be signed twice.",
    ),
    "RecordMismatch": Term(
        "席位“{seat}”签署的内容与已入账的记录不一致。请等待全部记录被接受,刷新后重新核对并签署。",
        "What seat “{seat}” signs is not what the record holds. Wait until everything is accepted, reload, "
        "look at it again and sign.",
    ),
    "RecordSigned": Term(
        "席位“{seat}”的见证记录已签署,不能再增加。如有新情况,请告知监督人员。",
        "The witness record of seat “{seat}” is signed; nothing can be added. Tell a supervisor of "
        "anything new.",
    ),
    "ObservationsFull": Term(
        "本席位的见证记录已达 {limit} 条。请签署见证记录,并告知监督人员。",
        "This seat has noted {limit} observations. Sign the witness record and tell a supervisor.",
    ),
    "UnknownItem": Term(
        "见证事项表中没有“{item}”。请刷新页面后重新选择。",
        "There is no item “{item}” in the table of observations. Reload the page and choose again.",
    ),
    "UnknownSubject": Term(
        "本场没有席位或会场“{subject}”。请重新选择对象。",
        "This session has no seat or venue “{subject}”. Choose the subject again.",
    ),
    "UnknownEntry": Term(
        "所引用的第 {entry} 条记录尚不存在。请刷新页面。",
        "Entry {entry}, which is referred to, does not exist yet. Reload the page.",
    ),
    "RemarkTooLong": Term(
        "备注须为 1 至 {limit} 字。请删减后重试。",
        "A remark has 1 to {limit} characters. Shorten it and try again.",
    ),
    # Lawful turns
    "SessionSealed": Term(
        "评标已中断或终止({phase}),全部封存,暂不受理“{type}”。请等待恢复后再办理。",
        "The session stands still ({phase}) and everything is sealed; “{type}” is not taken now. Do it again "
        "once the session goes on.",
    ),
    "SuspendedTooLong": Term(
        "中断已 {minutes} 分钟,超过 {limit} 分钟的限度,不能恢复。请作废评标委员会并重新组建,或终止本次评标。",
        "The suspension has lasted {minutes} minutes, over its limit of {limit}; it cannot be resumed. Have "
        "the committee declared void and a new one formed, or end the evaluation.",
    ),
    "GroundUnknown": Term(
        "“{ground}”不是允许的复核理由。可用的理由:{grounds}。",
        "“{ground}” is no ground on which scores may be corrected here. These are: {grounds}.",
    ),
    "OwnSheetOnly": Term(
        "只有席位“{seat}”的评委本人可以更正其评分。请由本人在本席位办理。",
        "Only the member at seat “{seat}” may correct that sheet. They do it at their own seat.",
    ),
    "GroundUnfit": Term("复核理由不成立:{zh}。", "The ground for the correction does not hold: {en}."),
    "CorrectionInvalid": Term("更正内容有误:{zh}", "The correction is not valid: {en}"),
    "TooEarly": Term(
        "签署时限未到,还须等待 {minutes} 分钟。请等待,或请该成员签署、书面说明不同意见或明确拒签。",
        "The time for signing is not over; {minutes} minutes are left. Wait, or ask the member to sign, to "
        "dissent in writing or to refuse.",
    ),
    "SeatUsed": Term(
        "席位“{seat}”属于已作废的评标委员会。请为新成员使用新的席位号。",
        "Seat “{seat}” was on a committee that is void. Give the new member a seat id of their own.",
    ),
    "MemberAgain": Term(
        "席位“{seat}”的人员是已作废的评标委员会的成员,不得再次参加。请另行抽取。",
        "The person at seat “{seat}” was on a committee that is void and may not sit again. Draw another.",
    ),
    "WrongEnvelope": Term(
        "信封“{envelope}”不适用此操作。请使用“{type}”,或在相应的信封办理。",
        "This act is not for envelope “{envelope}”. Use “{type}”, or do it in the envelope that it is for.",
    ),
    "NotPassing": Term(
        "下一信封只开启通过上一信封的投标人,且代号不变;不符:{bidders}。请更正导入文件。",
        "The next envelope is opened for exactly those who passed the one before, under the same codes; "
        "different: {bidders}. Correct the import.",
    ),
    "PassingMismatch": Term(
        "进入下一信封的投标人与汇总结果不一致。请按汇总结果确认。",
        "Those who go on are not those whom the tally lets pass. Confirm as the tally has it.",
    ),
    "DrawClosed": Term(
        "“{rate}”已开始揭示,不再接受新的承诺。本席位无需操作。",
        "The reveal of “{rate}” has begun; no further commitment is taken. Nothing is left to do here.",
    ),
    "RevealMismatch": Term(
        "席位“{seat}”揭示的随机数与其承诺不符。请从提交承诺的设备揭示。",
        "What seat “{seat}” reveals is not what it committed to. Reveal from the device that committed.",
    ),
    "UnknownObjection": Term(
        "没有第 {number} 号异议。请刷新页面。",
        "There is no objection {number}. Reload the page.",
    ),
    "ReportIncomplete": Term(
        "评标报告缺少法定内容:{zh}。请补全后重新导入。",
        "The report lacks what the law asks for: {en}. Complete it and import it again.",
    ),
    # Certificates and the trust list
    "TrustListMalformed": Term(
        "信任列表格式有误({why})。请重新取得由联盟签发的列表。",
        "The trust list is malformed ({why}). Get the list again as the alliance signed it.",
    ),
    "TrustListUnsigned": Term(
        "信任列表(第 {version} 版)的有效签名不足 {needed} 个,不予采用。请向联盟重新取得。",
        "Version {version} of the trust list has not the {needed} signatures that it needs and is not used. "
        "Get it again from the alliance.",
    ),
    "TrustListForeign": Term(
        "信任列表(联盟“{alliance}”,第 {version} 版)不是由本系统认可的签发者签署的。请核对来源。",
        "Version {version} of the trust list of “{alliance}” is not signed by those whose word counts here. "
        "Check where it came from.",
    ),
    "TrustListOlder": Term(
        "信任列表第 {given} 版早于已采用的第 {held} 版,不予采用。请取得最新版本。",
        "Version {given} of the trust list is older than version {held}, which is in use; it is refused. "
        "Get the newest.",
    ),
    "TrustListForked": Term(
        "出现两份内容不同的第 {version} 版信任列表。请停止使用,并立即告知监督人员。",
        "There are two different lists of version {version}. Stop, and tell a supervisor at once.",
    ),
    "TrustListStale": Term(
        "信任列表(第 {version} 版)已过期({at})。请取得新版本后重试。",
        "Version {version} of the trust list ran out ({at}). Get a newer one and try again.",
    ),
    "CannotRead": Term(
        "无法读取文件 {file}({why})。请核对路径和权限。",
        "Cannot read the file {file} ({why}). Check its path and permissions.",
    ),
    "CertificateUnreadable": Term(
        "这不是可读的证书({why})。请选择 PEM 或 DER 格式的 X.509 证书文件。",
        "This is no certificate that can be read ({why}). Choose an X.509 certificate in PEM or DER.",
    ),
    "CaUnknown": Term(
        "证书“{subject}”的签发者“{issuer}”不在信任列表中。请使用互认机构的证书,或一并提供中级证书。",
        "The issuer of “{subject}”, “{issuer}”, is not in the trust list. Use a recognised authority's "
        "certificate, or add the certificates between.",
    ),
    "CaNotInForce": Term(
        "在该时刻,证书认证机构“{name}”({ca})不在互认有效期内。请使用其他互认机构的证书。",
        "The authority “{name}” ({ca}) is not recognised at that time. Use another authority's certificate.",
    ),
    "AlgorithmNotAllowed": Term(
        "“{subject}”使用了不被认可的算法或密钥({algorithm})。请向签发机构换发证书。",
        "“{subject}” uses an algorithm or key that is not allowed ({algorithm}). Have its authority issue "
        "another.",
    ),
    "CertificateForged": Term(
        "证书“{subject}”的签名不是其签发者所作。请勿采信,并告知监督人员。",
        "The signature of the certificate “{subject}” is not its issuer's. Do not rely on it, and tell a "
        "supervisor.",
    ),
    "CertificateNotYet": Term(
        "证书“{subject}”尚未生效({at})。请核对时间,或等待其生效。",
        "The certificate “{subject}” is not valid before {at}. Check the time, or wait.",
    ),
    "CertificateExpired": Term(
        "证书“{subject}”已过期({at})。请向签发机构更新证书。",
        "The certificate “{subject}” expired at {at}. Have its authority renew it.",
    ),
    "CertificateRevoked": Term(
        "证书“{subject}”已被吊销(自 {at} 起)。请使用新证书,并告知监督人员。",
        "The certificate “{subject}” is revoked since {at}. Use a new one, and tell a supervisor.",
    ),
    "NotACa": Term(
        "“{subject}”无权签发证书。请勿采信由其签发的证书。",
        "“{subject}” may not issue certificates. Do not rely on what it issued.",
    ),
    "IsACa": Term(
        "“{subject}”是认证机构证书,不能供个人使用。请使用个人或单位证书。",
        "“{subject}” is an authority's own certificate; nobody acts by it. Use a person's.",
    ),
    "ChainTooLong": Term(
        "证书链过长:“{subject}”之下最多允许 {limit} 级中级机构。请勿采信。",
        "The chain is too long: below “{subject}” at most {limit} authorities may stand between. Do not rely "
        "on it.",
    ),
    "NameNotAllowed": Term(
        "证书“{subject}”的名称超出其签发机构的范围。请向本地区的认证机构申请证书。",
        "The name “{subject}” is not one that its authority may certify. Get one from the right one.",
    ),
    "PolicyMissing": Term(
        "证书“{subject}”未按互认的证书策略({policies})签发。请使用符合策略的证书。",
        "The certificate “{subject}” was not issued under a recognised policy ({policies}). Use one that is.",
    ),
    "ExtensionUnknown": Term(
        "证书“{subject}”含有无法处理的关键扩展({extension})。请向签发机构换发证书。",
        "The certificate “{subject}” has a critical extension that is not understood ({extension}). Have its "
        "authority issue another.",
    ),
    "WrongPurpose": Term(
        "证书“{subject}”不适用于此用途(签名与加密各用其证书)。请选择另一张证书。",
        "The certificate “{subject}” is not for this purpose (one signs, another is sealed to). Choose the "
        "other one.",
    ),
    "RevocationUnknown": Term(
        "没有证书“{subject}”当时是否被吊销的证据,不能采用。请取得其签发机构的 CRL 或 OCSP 应答后重试。",
        "There is no evidence on whether “{subject}” was revoked; it cannot be used. Get its authority's CRL "
        "or OCSP answer and try again.",
    ),
    "EvidenceUnreadable": Term(
        "吊销证据无法读取({why})。请重新取得 CRL 或 OCSP 应答。",
        "The evidence on revocation cannot be read ({why}). Get the CRL or OCSP answer again.",
    ),
    "EvidenceForeign": Term(
        "所给的吊销证据与证书“{subject}”无关。请取得其签发机构对该证书的 CRL 或 OCSP 应答。",
        "The evidence given is not about “{subject}”. Get the CRL or OCSP answer of its own issuer.",
    ),
    "EvidenceForged": Term(
        "吊销证据不是“{subject}”或其授权者签署的。请勿采信,并重新取得。",
        "The evidence on revocation is not signed by “{subject}” or whom it appointed. Do not rely on it; "
        "get it again.",
    ),
    "EvidencePartial": Term(
        "吊销证据只涉及部分证书或原因,不能说明“{subject}”的状态。请取得完整的 CRL 或 OCSP 应答。",
        "The evidence covers only some certificates or reasons and does not decide on “{subject}”. Get a "
        "whole CRL or an OCSP answer.",
    ),
    "EvidenceStale": Term(
        "关于“{subject}”的吊销证据不适用于该时刻(至 {at})。请重新取得。",
        "The evidence on “{subject}” does not cover that time (it ends at {at}). Get it anew.",
    ),
    "StatementMismatch": Term(
        "所签声明的“{field}”与要求不符,未予受理。请刷新页面,核对所示内容后重新签名。",
        "The “{field}” of what was signed is not what was asked for; nothing was done. Reload, read what is "
        "shown, and sign again.",
    ),
    "StatementForged": Term(
        "声明的签名不是证书“{subject}”的密钥所作。请使用本人证书重新签名。",
        "The statement is not signed by the key of the certificate “{subject}”. Sign again with your own.",
    ),
    "ChallengeStale": Term(
        "签名请求已超过 {seconds} 秒。请刷新页面后重新签名。",
        "The request to sign is older than {seconds} seconds. Reload the page and sign again.",
    ),
    "DelegationTooLong": Term(
        "席位委托的截止时间须在此刻之后、{days} 日之内。请刷新页面后重新签名。",
        "A seat is delegated for some time from now, at most {days} days. Reload the page and sign again.",
    ),
    "DelegationEnded": Term(
        "席位“{seat}”的委托已于 {at} 到期。请用证书、通行密钥或在签到台重新委托。",
        "The delegation to seat “{seat}” ended at {at}. Delegate anew: by certificate, by passkey or at the "
        "desk.",
    ),
    "EvidenceWeak": Term(
        "吊销证据({subject})使用了不被认可的算法({algorithm})。请向签发机构取得其他证据。",
        "The evidence on revocation ({subject}) uses an algorithm that is not allowed ({algorithm}). Get "
        "other evidence from its authority.",
    ),
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
    # Archives
    "ArchiveRefused": Term(
        "归档文件不成立({part}:{why})。请勿采信,并向出具单位重新索取。",
        "The archive does not hold ({part}: {why}). Do not rely on it, and ask whoever issued it for "
        "another.",
    ),
    # Keys on paper
    "PaperRefused": Term(
        "纸质密钥第 {line} 行与原件不符(0 表示各行单独无误,但合起来不是一个密钥)。"
        "请对照纸面逐字核对后重新输入。",
        "Line {line} of the key on paper is not as it was printed (0: each line is right by itself, but "
        "together they are no key). Compare it with the paper letter by letter and type it again.",
    ),
    # Records handed over
    "HandoverRefused": Term(
        "见证记录移交清单不成立({part}:{why})。请勿采信,并向移交的会场重新索取。",
        "The witness record handed over does not hold ({part}: {why}). Do not rely on it, and ask the venue "
        "that handed it over for another.",
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
    # Lines and machines
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
"""Code to texts; braces are filled from a refusal's `detail`."""


def refuse(code: str, **detail: object) -> Refusal:
    """A refusal with its particulars as text; the code must be registered.

    Raises:
      KeyError: the code has no texts (a mistake of ours, found by the tests).

    >>> text(refuse("AlreadyCheckedIn", seat="M2")).en
    'Seat “M2” has checked in.'
    """
    TEXTS[code]
    return Refusal(code=code, detail={name: str(value) for name, value in detail.items()})


def text(refusal: Refusal) -> Term:
    """The refusal's Chinese and English text with its particulars filled in."""
    term = TEXTS[refusal.code]
    blank = _Blank(refusal.detail)
    return Term(term.zh.format_map(blank), term.en.format_map(blank))


class _Blank(dict[str, str]):
    """Leaves an unfilled brace visible as a question mark instead of raising."""

    def __missing__(self, key: str) -> str:
        return "?"
