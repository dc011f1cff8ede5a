"""What a walk by keyboard finds on pages that are made badly, and nothing on one that is not."""

import pytest

from tests.pages.chromium import Faults, chromium, new_page
from tests.pages.walked import walk

pytestmark = pytest.mark.asyncio

PAGE = """<!doctype html><html lang="en"><head><title>A desk</title></head><body>
<style>:focus-visible {{ outline: 3px solid #a85a00 }} {style}</style>
<main><h1>A desk</h1>{status}<button>First</button><button class="second">Second</button>
<label>Name <input name="name"></label>{more}</main></body></html>"""
STATUS = '<p role="status">All is well</p>'
TRAP = """<script>document.querySelector('input').onkeydown = pressed => pressed.preventDefault()</script>
<button>After the trap</button>"""


@pytest.mark.parametrize(
    ("style", "status", "more", "said"),
    [
        ("", STATUS, "", ""),
        (".second { outline: none }", STATUS, "", "no focus is seen on ['button[second] Second"),
        ("h1 { width: 900px }", STATUS, "", "is 9"),
        ("", "", "", "nothing that changes is told aloud"),
        ("", STATUS, '<button aria-label=""></button>', "button-name"),
        ("", STATUS, TRAP, "Tab does not reach"),
    ],
)  # fmt: skip
async def test_a_walk_finds_what_is_wrong(style: str, status: str, more: str, said: str) -> None:
    async with chromium() as browser:
        page = await new_page(browser, Faults())
        await page.set_content(PAGE.format(style=style, status=status, more=more))
        if not said:
            await walk(page, "a desk")
            return
        with pytest.raises(AssertionError) as found:
            await walk(page, "a desk")
        assert said in str(found.value)
