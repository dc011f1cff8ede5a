"""算术修正: what a price schedule comes to, worked out step by step; it proposes and edits nothing.

Owns: the order of the rules, and the one exception to the unit price's precedence. Must not know: who bid, or
whether anybody agrees; a correction binds only once the bidder has confirmed it in writing.

Sources: 12号令 19 (words over figures; unit price over total, save a plainly misplaced decimal point);
财政部令第87号 59 (the price list of the opening over the rest of the bid, then words, then a misplaced
decimal point, then the sum of the unit prices, in this order), for GOV_PROC. Articles from memory.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.methods.capital_amounts import amount
from protocol.plan.formulas import Price, Rounding
from protocol.plan.numbers import exact_text, number, rounded, total
from protocol.words import Id, IdOrEmpty, Regime

SHIFTS: Final = (-3, -2, -1, 1, 2, 3)
"""A decimal point is plainly misplaced when moving it by so many places makes a line come out exactly."""

Places = Annotated[int, Meta(ge=0, le=6)]
Step = Literal["read_out", "words", "decimal_point", "unit_price", "sum"]


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a price schedule, as the bid has it."""

    line: Id
    quantity: Price
    unit_price: Price
    total: Price


class Schedule(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid's prices as written. `read_out` was announced at the opening, `total` is the bid's figure.

    `words` is the total in capitals, empty where the bid has none; words are in yuan, and `yuan_per_unit`
    says how many yuan one of the figures' unit is (10000: 万元). Lines and totals have `places` decimals.
    """

    read_out: Price
    total: Price
    words: Annotated[str, Meta(max_length=200)]
    yuan_per_unit: Literal["1", "1000", "10000", "1000000", "100000000"]
    places: Places
    lines: Annotated[tuple[Line, ...], Meta(max_length=limits.SCHEDULE_LINES_MAX)]


class Proposal(Struct, frozen=True, forbid_unknown_fields=True):
    """One step: what stands in the bid (`before`), what it should be (`after`), and the working of it.

    `line` is empty where the step is on the total.
    """

    step: Step
    line: IdOrEmpty
    before: Price
    after: Price
    working: Annotated[str, Meta(max_length=50_000)]


class Correction(Struct, frozen=True, forbid_unknown_fields=True):
    """What is put to the bidder: the schedule, every step, and the price that they come to."""

    schedule: Schedule
    proposals: tuple[Proposal, ...]
    corrected: Price


def correction(schedule: Schedule, regime: Regime) -> Correction:
    """Every step that a schedule calls for, in the order of the regime, and what it comes to.

    >>> lines = (Line("1", "12", "350", "4100"), Line("2", "4", "2500", "1000"))
    >>> found = correction(Schedule("5000", "5000", "伍仟壹佰元整", "1", 2, lines), "TENDER")
    >>> [(one.step, one.line, one.after) for one in found.proposals]
    [('words', '', '5100'), ('unit_price', '1', '4200'), ('decimal_point', '2', '250'), ('sum', '', '5200')]
    >>> found.corrected
    '5200'

    Raises:
      NotAnAmount: the words are no amount.
    """
    steps = tuple(_steps(schedule, regime))
    last = next((one.after for one in reversed(steps) if not one.line), schedule.total)
    return Correction(schedule, steps, exact_text(number(last)))


def _steps(schedule: Schedule, regime: Regime) -> Iterator[Proposal]:
    stands = number(schedule.total)
    if regime == "GOV_PROC" and stands != number(schedule.read_out):
        stands = number(schedule.read_out)
        yield _proposal("read_out", "", schedule.total, stands, f"开标一览表 {schedule.read_out}")
    if schedule.words:
        said = amount(schedule.words) / number(schedule.yuan_per_unit)
        if said != stands:
            yield _proposal("words", "", exact_text(stands), said, f"大写 {schedule.words}")
            stands = said
    sums = []
    for line in schedule.lines:
        one = _line(line, schedule.places)
        sums.append(number(one.after) if one is not None and one.step == "unit_price" else number(line.total))
        if one is not None:
            yield one
    if sums and total(sums) != stands:
        working = f"各行合计 {' + '.join(exact_text(value) for value in sums)}"
        yield _proposal("sum", "", exact_text(stands), total(sums), working)


def _line(line: Line, places: int) -> Proposal | None:
    """The unit price stands and the line's total gives way, unless a moved decimal point explains it all."""
    product = _product(line, Fraction(1), places)
    stands = number(line.total)
    if product == stands:
        return None
    price, quantity = number(line.unit_price), number(line.quantity)
    for shift in SHIFTS:
        moved = price * Fraction(10) ** shift
        if (
            stands
            and number(exact_text(moved)) == moved
            and _product(line, Fraction(10) ** shift, places) == stands
        ):
            working = f"{line.quantity} × {exact_text(moved)} = {line.total}"
            return _proposal("decimal_point", line.line, line.unit_price, moved, working)
    working = f"{line.quantity} × {line.unit_price} = {exact_text(price * quantity)}"
    return _proposal("unit_price", line.line, line.total, product, working)


def _product(line: Line, factor: Fraction, places: int) -> Fraction:
    exact = number(line.quantity) * number(line.unit_price) * factor
    return rounded(exact, Rounding(mode="half_up", places=places))


def _proposal(step: Step, line: str, before: str, after: Fraction, working: str) -> Proposal:
    return Proposal(step, line, exact_text(number(before)), exact_text(after), working)
