"""Refusal texts: interventions and their answers (SPEC 34)."""

from protocol.words import Term

TEXTS: dict[str, Term] = {
    "NoStanding": Term(
        "监督由项目所在地负责:{province} 的监督人员可向本场提出,或针对本省的会场和席位,不能针对“{subject}”。"
        "请改为向本场提出,或请项目所在地监督人员提出。",
        "Supervision stays with the project's place: a supervisor of {province} addresses the session, or "
        "venues and seats of that province, not “{subject}”. Put it to the session, or ask the supervisor "
        "there.",
    ),
    "InterventionUnfit": Term(
        "监督介入或答复不成立:{zh}。请修改后重新提交。",
        "The intervention or answer does not hold: {en}. Change it and send it again.",
    ),
    "InterventionsFull": Term(
        "本席位在本场已提出 {limit} 次,不能再提出。请在已有询问中继续,或线下联系。",
        "This seat has intervened {limit} times in this session, which is all. Go on by what is open.",
    ),
    "UnknownIntervention": Term(
        "本场没有编号为 {number} 的监督介入。请刷新页面后重新选择。",
        "This session has no intervention {number}. Load the page again and choose anew.",
    ),
    "NotAddressed": Term(
        "监督介入 {number} 不是向席位“{seat}”提出的,由招标代理或被询问者答复。",
        "Intervention {number} is not put to seat “{seat}”; the agent answers, or whoever was addressed.",
    ),
}
