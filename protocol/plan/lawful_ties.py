"""Ties as the rules have them (并列处理): which tie rules a regime and an edition prescribe, as values.

Owns: the prescribed rules, and whether a plan's are those. Must not know: how equal bids are parted
(`protocol/methods/ranking.py`).

Sources, the texts themselves unread: 标准施工招标文件 (2007) 3.2.4 (综合评分相等时,以投标报价低的优先;
报价也相等的,由招标人自行确定), the standard documents of 2017 (…;报价也相等的,以技术得分高的优先),
财政部令第87号 57 (得分相同的,按投标报价由低到高顺序排列;得分且投标报价相同的并列).
"""

from typing import Literal

from protocol.plan.needs import price_needed
from protocol.plan.plan import Scheme, TieRule

Edition = Literal["87", "2007", "2017"]


def lawful_ties(edition: Edition, technical: str = "", decided_as: str = "order") -> tuple[TieRule, ...]:
    """Return the tie rules of an edition.

    Args:
        edition: 87号令, or the year of the standard tender documents.
        technical: for 2017, the criterion that is the technical part.
        decided_as: for 2007, the name under which the tenderee's choice is given.

    >>> [rule.by for rule in lawful_ties("2017", technical="A")]
    ['lower_price', 'higher_points']
    >>> [rule.by for rule in lawful_ties("87")]
    ['lower_price']
    """
    first = TieRule(by="lower_price")
    if edition == "2017":
        return (first, TieRule(by="higher_points", of=technical))
    if edition == "2007":
        return (first, TieRule(by="decided", of=decided_as))
    return (first,)


def as_87_has_them(scheme: Scheme) -> bool:
    """Tell whether equal bids are parted by the lower price and by nothing else.

    Where prices are ranked, or nothing asks for a price, the rule may be left out: it would part nothing.
    """
    if scheme.ties:
        return scheme.ties == lawful_ties("87")
    return scheme.wins == "lowest" or not price_needed(scheme)
