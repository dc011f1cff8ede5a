"""Every act of the newest rules is offered by the page of each role that may do it, or is said to be none's.

Cheap, and no proof that a button works: an act counts as offered where the sources that a page is made of
name it in quotes. What is done beside a page stands in `ELSEWHERE`, with why.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.session.phases import RULES
from tests.house import ground

PAGES = {
    "agent": "main_venue/web/agent",
    "tenderee": "main_venue/web/tenderee",
    "expert": "sub_venue/web/expert",
    "witness": "sub_venue/web/witness",
    "keeper": "sub_venue/web/keeper",
    "supervisor": "sub_venue/web/supervisor",
    "bidder": "server/web/bidder",
}
KIT = "protocol/web/src"
IMPORT = re.compile(r"""(?:from|import)\s*\(?["'](@tongchang/protocol/|\.{1,2}/)([^"']+)["']""")
SKIPPED = re.compile(r"(generated/|words\w*\.ts$|feed_words|catalogue\.ts$)")
_PURCHASER = "at the agent's page, who acts for the purchaser"
ELSEWHERE: dict[tuple[str, str], str] = {
    ("tenderee", "ConfirmDeduction"): _PURCHASER,
    ("tenderee", "NoteSameBrand"): _PURCHASER,
    ("expert", "CloseVote"): "a vote closes by itself with its last ballot, or when its time is over",
    ("expert", "ConcludePreliminary"): "at the agent's page, once everything is marked",
    ("witness", "CheckBlindPart"): "at the agent's page, before the committee sees a blind part",
    ("supervisor", "CommitDrawSeed"): "by the supervising office's desk in its node, without a page",
    ("supervisor", "RevealDrawSeed"): "by the supervising office's desk in its node, without a page",
    ("bidder", "ReleaseBid"): "on the bidder's own machine, where its key is (`tongchang bidder`, `unlock`)",
}
"""(role, act) → where it is done instead."""


def made_of(path: Path, seen: set[Path]) -> Iterator[Path]:
    """A source and all that it imports, from the same page or the pages' common kit."""
    if path in seen or not path.is_file() or SKIPPED.search(path.as_posix()):
        return
    seen.add(path)
    yield path
    for where, rest in IMPORT.findall(path.read_text(encoding="utf-8")):
        start = path.parent / where if where.startswith(".") else ground.ROOT / KIT
        yield from made_of((start / rest).resolve(), seen)


def named(role: str) -> set[str]:
    """Every word in quotes of what a role's page is made of."""
    sources = made_of(ground.ROOT / PAGES[role] / "src/main.ts", set())
    texts = [one.read_text(encoding="utf-8") for one in sources]
    return set(re.findall(r"""["'`](\w+)["'`]""", "\n".join(texts)))


@pytest.mark.parametrize("role", PAGES)
def test_a_page_offers_every_act_that_its_role_may_do(role: str) -> None:
    newest = RULES[max(RULES, key=int)]
    acts = {act.type for act in newest.acts.values() if role in act.roles and act.available}
    missing = {act for act in acts - named(role) if (role, act) not in ELSEWHERE}
    assert missing == set(), f"{role}: no page offers {sorted(missing)}"
    assert acts, role


def test_what_is_said_to_be_done_elsewhere_is_on_no_page() -> None:
    stale = [place for place in ELSEWHERE if place[1] in named(place[0])]
    assert stale == []
