"""Refusal texts: the preliminary review."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
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
}
