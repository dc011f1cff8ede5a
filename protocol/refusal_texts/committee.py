"""Refusal texts: draw of experts and the committee."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
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
}
