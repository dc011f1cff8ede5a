"""What the installation lets in: every hidden field travels with some act, and only with acts that exist."""

from typing import get_args

from protocol import commands as cmd
from protocol import hidden
from protocol.refusals import TEXTS
from server.sessions import admission


def test_every_hidden_field_travels_with_an_act_that_has_a_form() -> None:
    carried = {field for fields in admission.CARRIES.values() for field in fields}
    assert carried == set(get_args(hidden.Field))
    assert set(admission.CARRIES) <= set(cmd.CONTENTS)


def test_refusals_that_are_noted_have_texts_and_name_acts_that_exist() -> None:
    assert set(admission.NOTED) <= set(TEXTS)
    assert all(types is None or types <= set(cmd.CONTENTS) for types in admission.NOTED.values())
