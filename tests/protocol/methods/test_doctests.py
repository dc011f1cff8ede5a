"""The worked examples in the docstrings of the methods and the plan hold."""

import doctest
import importlib
import pkgutil

import pytest

from protocol import methods, plan

MODULES = [
    name
    for room in (methods, plan)
    for _, name, _ in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_hold(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


def test_every_method_shows_an_example() -> None:
    formulas = (
        "base_price", "jiangsu_2017", "linear_ratio", "low_price_first", "lowest_evaluated_price", "mean",
        "price_less_credit", "price_over_technical", "ranking", "reasonable_low_price", "share_of_highest",
        "small_business", "sum_of_points", "technical_over_price", "technical_then_price", "trimmed_mean",
    )  # fmt: skip
    for name in formulas:
        assert doctest.testmod(importlib.import_module(f"protocol.methods.{name}")).attempted, name
