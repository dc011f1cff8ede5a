"""小微企业价格扣除: the price at which a small or micro business is compared, and the points added instead.

Owns: which percentage a bidder's share earns, the compared price, the raised points. Must not know: how a
bidder proves what it is (声明函), or any formula.

Sources: 财库〔2020〕46号 9, 财库〔2022〕19号, read in quotations only (`protocol.plan.policy.SmallBusiness`
says what they set); 财政部令第87号 55 (价格调整后计算评标基准价和投标报价) and 57 (并列时按投标报价) from
memory: ties go by the price that was bid.
"""

from fractions import Fraction

from protocol.methods.evaluation import Inputs
from protocol.plan.numbers import number, rounded
from protocol.plan.plan import Scheme
from protocol.plan.policy import SmallBusiness


def earned_percent(rule: SmallBusiness, share_percent: Fraction) -> Fraction:
    """Return the percentage that a bidder earns by the share of the contract of small businesses.

    >>> rule = SmallBusiness(quantity="small", percent="10", consortium_percent="4")
    >>> [str(earned_percent(rule, Fraction(share))) for share in (100, 30, 29, 0)]
    ['10', '4', '0', '0']
    """
    if share_percent >= 100:
        return number(rule.percent)
    if rule.consortium_percent and share_percent >= number(rule.consortium_share_min):
        return number(rule.consortium_percent)
    return Fraction(0)


def deducted(rule: SmallBusiness, price: Fraction, share_percent: Fraction) -> Fraction:
    """Return the price less what the bidder earns, rounded as the rule says.

    98 万 with a deduction of 10 % is compared as 88.2 万:

    >>> rule = SmallBusiness(quantity="small", percent="10")
    >>> deducted(rule, Fraction(98), Fraction(100))
    Fraction(441, 5)
    """
    return rounded(price * (1 - earned_percent(rule, share_percent) / 100), rule.rounding)


def raised(rule: SmallBusiness, points: Fraction, full: Fraction, share_percent: Fraction) -> Fraction:
    """Return price points with what the bidder earns on top, at most full marks where the rule is capped.

    >>> rule = SmallBusiness(quantity="small", percent="5", on="points", capped=True)
    >>> (
    ...     raised(rule, Fraction(38), Fraction(40), Fraction(100)),
    ...     raised(rule, Fraction(39), Fraction(40), Fraction(100)),
    ... )
    (Fraction(399, 10), Fraction(40, 1))
    """
    higher = points * (1 + earned_percent(rule, share_percent) / 100)
    return min(higher, full) if rule.capped else higher


def share_percent(scheme: Scheme, inputs: Inputs, bidder: str) -> Fraction:
    """Return a bidder's share of small businesses; without a declaration it has none."""
    if not scheme.small_business:
        return Fraction(0)
    return number(inputs.quantities.get(bidder, {}).get(scheme.small_business.quantity, "0"))


def compared_price(scheme: Scheme, inputs: Inputs, bidder: str) -> Fraction:
    """Return the price that formulas and award rules take: the bid's, less what the bidder earns."""
    price = number(inputs.prices[bidder])
    rule = scheme.small_business
    if not rule or rule.on != "price":
        return price
    return deducted(rule, price, share_percent(scheme, inputs, bidder))
