"""A desk walked by its keyboard alone, at 200 % and at an ordinary width.

Source: WCAG 2.2, 1.4.10, 2.1.1, 2.1.2, 2.4.7, 4.1.2, 4.1.3. Tab goes round a page once: every control that a
person could use is reached, each shows where the focus is and has a name, none keeps it. Nothing makes the
page wider than its screen, and what changes is told aloud.
"""

from typing import Any, Final

from playwright.async_api import Page, ViewportSize

from tests.pages.chromium import violations

SIZES: Final[tuple[ViewportSize, ...]] = ({"width": 640, "height": 512}, {"width": 1280, "height": 1024})
"""A screen of 1280 by 1024 at 200 % and at 100 %, in CSS px."""
SPARE: Final = 8
"""How many times more Tab is pressed than there are controls, for the browser's own stops."""

CONTROLS = """() => {
  const asked = 'a[href], button, input, select, textarea, summary, [tabindex], audio[controls]';
  const heads = fold => fold.querySelector(':scope > summary');
  const open = one => {
    for (let at = one; at; at = at.parentElement) {
      const fold = at.parentElement;
      if (fold?.tagName === 'DETAILS' && !fold.open && at !== heads(fold)) return false;
    }
    return true;
  };
  const seen = one => one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert]');
  const groups = new Set();
  window.walked = [...document.querySelectorAll(asked)].filter(one => {
    if (one.tabIndex < 0 || one.matches(':disabled') || one.type === 'hidden') return false;
    if (!seen(one) || !open(one)) return false;
    if (one.tagName === 'SUMMARY' && one !== heads(one.parentElement)) return false;
    if (one.type !== 'radio') return true;
    const group = one.form ? one.form.id + one.name : one.name;
    return !groups.has(group) && groups.add(group);
  });
  // How a control looks, with what is drawn around it, once whatever fades has faded.
  window.looks = one => {
    for (const moving of document.getAnimations()) if (moving instanceof CSSTransition) moving.finish();
    const around = one.closest('.el-input__wrapper, .el-select__wrapper, label');
    return [one, around].filter(Boolean).map(at => {
      const is = getComputedStyle(at);
      const outline = parseFloat(is.outlineWidth) >= 2 && is.outlineStyle !== 'none' ? is.outlineColor : '';
      return [outline, is.boxShadow, is.borderColor].join(' / ');
    }).join(' | ');
  };
  window.reached = new Set();
  window.unseen = [];
  document.activeElement?.blur();
  window.rest = new Map();
  window.getSelection()?.removeAllRanges();
  window.scrollTo(0, 0);
  for (const one of window.walked) window.rest.set(one, window.looks(one));
  return window.walked.length;
}"""
STEP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return '';
  const drawn = window.looks(one) !== (window.rest.get(one) ?? '');
  const what = one.name || one.dataset.testid || one.id || one.className;
  const says = `${one.tagName.toLowerCase()}[${what}] ${(one.innerText || one.ariaLabel || '').slice(0, 30)}`;
  if (!drawn) window.unseen.push(says);
  const same = at => at.type === 'radio' && at.name === one.name && at.form === one.form;
  const at = one.type === 'radio' ? window.walked.find(same) : one;
  const again = window.reached.has(at);
  window.reached.add(at);
  return again ? `again ${says}` : says;
}"""
LEFT = """() => ({
  missed: window.walked
    .filter(one => one.isConnected && !one.matches(':disabled') && !window.reached.has(one))
    .map(one => one.outerHTML.slice(0, 160)),
  unseen: window.unseen,
  live: document.querySelectorAll('[role=status], [role=alert], [role=log], [aria-live]').length,
  wide: [document.documentElement.scrollWidth, innerWidth],
})"""


async def walk(page: Page, name: str, *, sizes: tuple[ViewportSize, ...] = SIZES) -> None:
    """Go round a page by Tab at each size.

    Args:
      page: as it stands; it is left with the size that it had.
      name: what a failure names it by.
      sizes: of the viewport, CSS px.

    Raises:
      AssertionError: what could not be reached, seen, named or fitted, or that nothing there is told aloud.
    """
    before = page.viewport_size
    await page.bring_to_front()
    for size in sizes:
        await page.set_viewport_size(size)
        found = await _round(page)
        where = f"{name} at {size['width']} px"
        assert found["wide"][0] <= found["wide"][1], f"{where} is {found['wide'][0]} px wide"
        assert found["count"] > 0, f"{where} has no control"
        assert found["missed"] == [], f"{where}: Tab does not reach {found['missed']}"
        assert found["unseen"] == [], f"{where}: no focus is seen on {found['unseen']}"
        assert found["live"] > 0, f"{where}: nothing that changes is told aloud"
        said = await violations(page)
        assert said == [], (where, said)
    if before is not None:
        await page.set_viewport_size(before)


async def _round(page: Page) -> dict[str, Any]:
    count = int(await page.evaluate(CONTROLS))
    for _ in range(count + SPARE):
        await page.keyboard.press("Tab")
        await page.evaluate(STEP)
    left: dict[str, Any] = await page.evaluate(LEFT)
    return left | {"count": count}
