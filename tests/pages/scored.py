"""What people do at their pages from the read-out on: review, sealed scores, signatures (rules version 4)."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from ops import act, archiving
from ops.installation import Installation
from ops.signing import kept
from protocol.plan.case import Case
from protocol.plan.stages import points_text
from tests.pages.agent_page import AgentPage
from tests.pages.expert_page import ExpertPage
from tests.pages.sealed import SESSION, WAIT_MS, Tender
from tests.pages.test_expert_evaluation import _choose, confirm, write

REASON = "该投标的方案与现场条件不符,依据见评审记录。"


async def mark(expert: ExpertPage, bidders: list[str]) -> None:
    """Nothing amiss with any bid."""
    for bidder in bidders:
        await expect(expert.page.locator(f"[data-bid={bidder}][aria-pressed=true]")).to_be_visible()
        await _choose(expert, "1", "1", "1")
        await confirm(expert, "MarkItem")


async def score(expert: ExpertPage, case: Case, seat: str) -> None:
    """The sheet as the case has it, kept at the venue, sealed, and held by every custodian."""
    await expect(expert.page.get_by_test_id("grid")).to_be_visible(timeout=WAIT_MS)
    for bidder, row in case.sheets["01"][seat].items():
        for criterion, points in row.items():
            await expert.cell(bidder, criterion).fill(points_text(points))
    await expert.saved_at_venue()
    await expert.ask_for_seal()
    held = expert.page.get_by_test_id("own-held")
    await expect(held).to_have_attribute("data-held", "complete", timeout=WAIT_MS)


async def explain(expert: ExpertPage) -> None:
    """Every far point of one's own, in writing."""
    far = expert.page.locator("[data-deviation]")
    await expect(far.first).to_be_visible(timeout=WAIT_MS)
    for left in range(await far.count(), 0, -1):
        await expect(far).to_have_count(left)
        await write(expert, "[data-deviation]", "text", REASON)
        await confirm(expert, "ExplainDeviation")
    await expect(far).to_have_count(0)


async def agree(page: Page) -> None:
    """A member's own word on the report, before the certificate's."""
    await page.locator("input[name=agreed]").check()
    await page.get_by_test_id("sign-report").click()
    await expect(page.locator("[data-task=sign]")).to_have_count(0)


async def sign(here: Tender, seat: str) -> None:
    """The seat's own place, by the UKey beside the page; it shows the digest that the page shows."""
    page = here.pages[seat]
    await page.bring_to_front()
    digest = await page.get_by_test_id("paper-digest").inner_text()
    async with here.ukey(seat) as shown:
        await page.locator("input[name=paper-read]").check()
        await page.get_by_test_id("sign-paper").click()
        place = page.locator(f"[data-place={seat}]")
        await expect(place).not_to_have_attribute("data-signed", "", timeout=WAIT_MS)
    assert shown
    assert all(digest in one for one in shown)


async def conducts(page: Page, *acts: str) -> None:
    """The agent's next acts, each as soon as it can be done."""
    await page.bring_to_front()
    for name in acts:
        button = page.locator(f".prominent[data-act={name}] [data-testid=do]")
        await expect(button).to_be_enabled(timeout=WAIT_MS)
        await button.click()


async def recognise(here: Tender, seat: str, others: Sequence[str]) -> None:
    """A witness signs its own record, and accepts those of the other venues by one key each."""
    page = here.pages[seat]
    await page.bring_to_front()
    own = page.get_by_test_id("sign-record")
    await expect(own).to_be_visible(timeout=WAIT_MS)
    await page.locator("[name=agreed]").check()
    await own.get_by_role("button", name="签署见证记录").click()
    await expect(own).to_contain_text("见证记录已签署", timeout=WAIT_MS)
    card = page.get_by_test_id("recognise")
    await expect(card.locator("[data-act=accept]")).to_have_count(len(others), timeout=WAIT_MS)
    await here.looked_at("12-recognising", seat, axe=True)
    accepted = card.locator(f"[data-venue={here.venue(seat)}][data-verdict=accepted]")
    for done in range(len(others)):
        await expect(accepted).to_have_count(done, timeout=WAIT_MS)
        await page.keyboard.press("1")
        await card.locator("[data-act=now]").press("Enter")
        await expect(accepted).to_have_count(done + 1, timeout=WAIT_MS)
    await expect(card.locator("[data-act=accept]")).to_have_count(0)


async def recognised(here: Tender, seat: str, witnesses: Sequence[str]) -> None:
    """Whoever supervises reads that every venue has accepted every other one's record."""
    page = here.pages[seat]
    await page.bring_to_front()
    table = page.get_by_test_id("recognition")
    for witness in witnesses:
        row = table.locator(f"[data-record={witness}]")
        await expect(row.locator("[data-verdict=accepted]")).to_have_count(
            len(witnesses) - 1, timeout=WAIT_MS
        )


async def archive(agent: AgentPage) -> None:
    """The last act there is."""
    await conducts(agent.page, "ArchiveSession")
    await expect(agent.page.get_by_role("heading", name="评标已归档")).to_be_visible(timeout=WAIT_MS)


async def verdict(found: Installation, case: Case) -> tuple[dict[str, Any], str]:
    """What the verifier says of the archive with the signed report in it, and the outcome that was shown."""
    played = await act.conclude(found, case, SESSION, act.Options())
    signed = kept.kept(found, played.record)
    made = await archiving.make(found, SESSION, played.record, played.result.entries, signed)
    return _verified(made, archiving.policy_path(found, SESSION)), played.result.outcome.hex()


def _verified(made: Path, policy: Path) -> dict[str, Any]:
    call = [sys.executable, "-m", "ops.command", "verify", str(made), "--policy", str(policy), "--signed"]
    done = subprocess.run([*call, "--json"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    archive, report = (json.loads(line) for line in done.stdout.strip().splitlines())
    assert report["outcome"] == "valid", report
    return dict(archive) | {"signatures": report["signatures"]}
