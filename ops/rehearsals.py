"""Which openings were rehearsed for an installation, when, by whom, and how that ended (开标演练记录).

Owns writing `rehearsals.json` in the data folder (SPEC 23.4): the newest last, no more than a shelf holds. A
rehearsal is held on a stack of its own; what is noted is for whoever looks before the day: the agent's desk,
`doctor`, and `up`.
"""

from pathlib import Path
from typing import Final

import msgspec

from ops import files, show
from ops.installation import Installation
from protocol import rehearsal
from protocol.rehearsal import FILE, KEPT_MAX, Rehearsal
from protocol.words import Term

_DAY_MS: Final = 86_400_000


def note(data: Path, one: Rehearsal) -> None:
    """Keep how a rehearsal ended.

    Raises:
      Trouble: it cannot be written.
    """
    files.write_json(data / FILE, msgspec.to_builtins([*noted(data), one][-KEPT_MAX:]))


def noted(data: Path) -> tuple[Rehearsal, ...]:
    """What was rehearsed, the newest last; a damaged file holds nothing that could be relied on."""
    path = data / FILE
    return rehearsal.read(path.read_bytes()) if path.is_file() else ()


def last(data: Path, tender: str) -> Rehearsal | None:
    """The last rehearsal of a tender's opening."""
    return rehearsal.last(noted(data), tender)


def told(tender: str, one: Rehearsal | None, now_ms: int) -> Term:
    """In words: whether the opening of a tender was rehearsed, when, and how that ended."""
    if one is None:
        return Term(f"{tender} 尚未演练开标", f"the opening of {tender} was never rehearsed")
    days = max(0, now_ms - one.at) // _DAY_MS
    zh = "当天" if not days else f"{days} 天前"
    en = "today" if not days else f"{days} day{'s' if days > 1 else ''} ago"
    end_zh, end_en = ("成功", "well") if one.good else ("未成功", "badly")
    return Term(
        f"{tender} 上次开标演练:{zh},开启 {one.opened}/{one.bids} 份,{end_zh}",
        f"last rehearsal of the opening of {tender}: {en}, {one.opened} of {one.bids} bids opened, "
        f"ended {end_en}",
    )


def remind(found: Installation, tender: str, now_ms: int) -> None:
    """Say at a start how the opening's rehearsal stands, where bids come sealed."""
    if found.custodians:
        words = told(tender, last(found.data, tender), now_ms)
        show.notice(f"{words.zh}。", f"{words.en[0].upper()}{words.en[1:]}.")
