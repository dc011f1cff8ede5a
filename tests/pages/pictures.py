"""The README's picture, put together from the gallery: `python -m tests.pages.pictures` after the page tests.

So the README shows what the tests have seen; nothing is drawn by hand.
"""

import asyncio
import base64
from pathlib import Path

from tests.house import ground
from tests.pages.chromium import GALLERY, chromium

SHOWN = ("landing-at-mismatch-1366", "desk-expert-1366", "desk-supervisor-1366", "desk-witness-1366")
TARGET = ground.ROOT / "ops/pictures/desks.png"
WIDTH, HEIGHT = 1500, 900
PAGE = """<!doctype html><style>
body {{ margin: 0; background: #e6e9f0; display: grid; grid-template-columns: 1fr 1fr; gap: 12px;
  padding: 12px; width: {width}px; height: {height}px; box-sizing: border-box; grid-template-rows: 1fr 1fr }}
figure {{ margin: 0; overflow: hidden; border-radius: 6px; box-shadow: 0 1px 4px #0003; background: #fff }}
img {{ display: block; width: 100% }}
</style>{figures}"""


async def draw(sources: list[Path], target: Path) -> None:
    """Put pictures side by side, each from its top."""
    raw = [base64.b64encode(one.read_bytes()).decode() for one in sources]
    figures = "".join(f'<figure><img alt="" src="data:image/png;base64,{one}"></figure>' for one in raw)
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        await page.set_content(PAGE.format(width=WIDTH, height=HEIGHT, figures=figures))
        await page.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(draw([GALLERY / f"{name}.png" for name in SHOWN], TARGET))
