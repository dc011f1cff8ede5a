"""Clients that ask too much or do not read: put off or cut, and their neighbours' acts go on."""

import pytest

from tests.faults.breaking import broken


@pytest.mark.parametrize("name", ["page-floods", "node-floods"])
def test_who_floods_is_put_off_or_cut_and_nobody_else_is(name: str) -> None:
    report = broken(name)
    assert "who floods is put off, held back or cut" in report["seen"]
    assert "nobody else is put off" in report["seen"]
    assert report["figures"]["acts"] == report["figures"]["calm_acts"]


def test_a_page_that_does_not_read_is_nobody_elses_matter() -> None:
    assert "nobody else is put off" in broken("page-deaf")["seen"]


def test_a_node_that_stands_still_loses_its_socket_and_comes_back_without_a_gap() -> None:
    assert "a node that does not read loses its socket" in broken("node-still")["seen"]
