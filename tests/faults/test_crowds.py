"""Clients that ask too much or do not read: put off or cut, and their neighbours' acts go on."""

from tests.faults.breaking import broken


def test_a_page_that_floods_is_put_off_or_cut_and_nobody_else_is() -> None:
    report = broken("page-floods")
    assert "who floods is put off, held back or cut" in report["seen"]
    assert "nobody else is put off" in report["seen"]
    assert report["figures"]["acts"] == report["figures"]["calm_acts"]


def test_a_node_that_stands_still_loses_its_socket_and_comes_back_without_a_gap() -> None:
    assert "a node that does not read loses its socket" in broken("node-still")["seen"]
