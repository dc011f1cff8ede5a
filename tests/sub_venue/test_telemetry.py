"""A node's log: one JSON object a line, and never the values that a fault met."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from sub_venue import telemetry

SECRET = "score-750-canary"


@pytest.fixture
def logs() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_a_fault_is_told_with_its_place_and_without_its_values(
    logs: None, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.configure("info", lambda: 42)

    def stumble(scores: str) -> None:
        kept = scores.upper()
        raise RuntimeError(len(kept))

    try:
        stumble(SECRET)
    except RuntimeError:
        structlog.stdlib.get_logger("sub_venue.test").exception("tripped")
    text = capsys.readouterr().err
    (told,) = (json.loads(line) for line in text.splitlines())
    assert (told["event"], told["at"], told["level"]) == ("tripped", 42, "error")
    assert told["exception"][0]["frames"][-1]["name"] == "stumble"
    assert "canary" not in text.lower()
