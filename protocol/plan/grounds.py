"""Grounds for rejecting a bid (否决投标、投标无效), by regime: codes that entries carry, and their words.

Owns: which grounds there are, and which a bidder must first be asked to explain. Must not know: who voted.
A published code never changes its meaning; a new one is added to the table of the rules version that has it.

Sources: 实施条例 51 (seven grounds) and 12号令 20-23 for TENDER; 财政部令第87号 37, 59, 60, 63 for GOV_PROC;
12号令 27 for the lack of competition. The articles' numbers are from memory, the wording is shortened: have
a lawyer compare it before it is quoted.
"""

from typing import Final

from msgspec import Struct

from protocol.words import Regime


class Ground(Struct, frozen=True):
    """One ground; `explain`: the bidder must have had the chance to explain in writing before the vote."""

    zh: str
    en: str
    explain: bool = False


COMPETITION: Final = "27"
"""The code of the vote on lack of competition (12号令 27); it is on no single bid."""

_TENDER: Final[dict[str, Ground]] = {
    "51-1": Ground("投标文件未经投标单位盖章和单位负责人签字", "not sealed and signed"),
    "51-2": Ground("投标联合体没有提交共同投标协议", "a consortium without its agreement"),
    "51-3": Ground("投标人不符合国家或者招标文件规定的资格条件", "the bidder is not qualified"),
    "51-4": Ground(
        "同一投标人提交两个以上不同的投标文件或者投标报价",
        "two or more different bids or prices of one bidder",
    ),
    "51-5-cost": Ground("投标报价低于成本", "the price is below cost", explain=True),
    "51-5-ceiling": Ground("投标报价高于招标文件设定的最高投标限价", "the price is over the ceiling"),
    "51-6": Ground(
        "投标文件没有对招标文件的实质性要求和条件作出响应",
        "no response to a substantial requirement of the tender document",
    ),
    "51-7": Ground(
        "投标人有串通投标、弄虚作假、行贿等违法行为", "collusion, fraud, bribery or another breach of law"
    ),
}

_GOV_PROC: Final[dict[str, Ground]] = {
    "87-63-1": Ground("未按照招标文件的规定提交投标保证金", "no bid bond as the tender document asks"),
    "87-63-2": Ground(
        "投标文件未按招标文件要求签署、盖章", "not signed and sealed as the tender document asks"
    ),
    "87-63-3": Ground("不具备招标文件中规定的资格要求", "the supplier is not qualified"),
    "87-63-4": Ground("报价超过招标文件中规定的预算金额或者最高限价", "the price is over budget or ceiling"),
    "87-63-5": Ground("投标文件含有采购人不能接受的附加条件", "conditions that the purchaser cannot accept"),
    "87-63-6": Ground(
        "法律、法规和招标文件规定的其他无效情形", "another case of the law or the tender document"
    ),
    "87-59": Ground("投标人不确认修正后的报价", "the supplier does not confirm the corrected price"),
    "87-60": Ground(
        "报价明显低于其他报价且不能证明其合理性",
        "a price plainly below the others whose reason is not shown",
        explain=True,
    ),
    "87-37": Ground("视为投标人串通投标", "the suppliers are held to collude"),
}

GROUNDS: Final[dict[Regime, dict[str, Ground]]] = {"TENDER": _TENDER, "GOV_PROC": _GOV_PROC}
"""Regime → code → ground."""

UNCONFIRMED: Final = frozenset({"87-59"})
"""Grounds before whose vote the bidder was asked to confirm a corrected price, and did not."""

LACK_OF_COMPETITION: Final = Ground(
    "有效投标不足三个使得投标明显缺乏竞争", "too few bids are left, and competition is plainly lacking"
)
