"""`tongchang act` on a stack that runs without what the rules need: refused before anything is booked."""

from pathlib import Path

import pytest

from ops import act, installation, senses
from ops.installation import PORTS_SPAN, Shape
from ops.ports import free_base
from ops.senses import Dice
from ops.trouble import Trouble


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (Shape(), "NoCustodians"),
        (Shape(authorities=True), "NoCustodians"),
        (Shape(custodians=3), "NoAuthorities"),
    ],
)
def test_what_the_stack_lacks_is_said_before_anything_is_booked(
    tmp_path: Path, shape: Shape, code: str
) -> None:
    base = free_base(PORTS_SPAN + 4, Dice())
    found = installation.ensure(tmp_path, now_ms=senses.now_ms(), ports_from=base, shape=shape)
    with pytest.raises(Trouble) as refused:
        act._require_backing(found, "4")
    assert refused.value.exit_code == 2
    for text in (refused.value.zh, refused.value.en):
        assert text.endswith(f"({code})")
        assert "--up" in text
        assert "tongchang up --rules 4" in text
    act._require_backing(found, "3")
