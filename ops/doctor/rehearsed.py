"""Was the opening of the tenders here rehearsed, and how did that end (开标演练)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops import custody, rehearsals, senses
from ops.doctor.check import Check
from ops.installation import Installation

NAME: Final = "rehearsal"
_REMEDY_ZH: Final = "开标前一天运行 tongchang ceremony rehearse --real --case 案例文件 --for 数据文件夹"
_REMEDY_EN: Final = "the day before, run tongchang ceremony rehearse --real --case CASE --for DATA"


def look(data: Path, found: Installation | None) -> Iterator[Check]:
    """The last rehearsal of every tender that the custodians here were told of; one line for all."""
    if found is None or not found.custodians:
        yield Check(NAME, True, False, "此处没有密封投标", "no bids come sealed here")
        return
    now = senses.now_ms()
    known = {tender: rehearsals.last(data, tender) for tender in custody.told(data)}
    if not known:
        yield Check(
            NAME, bool(rehearsals.noted(data)), False, "托管方尚未获知任何项目",
            "the custodians were told of no tender yet", _REMEDY_ZH, _REMEDY_EN,
        )  # fmt: skip
        return
    words = [rehearsals.told(tender, one, now) for tender, one in known.items()]
    yield Check(
        NAME, all(one is not None and one.good for one in known.values()), False,
        ";".join(one.zh for one in words), "; ".join(one.en for one in words), _REMEDY_ZH, _REMEDY_EN,
    )  # fmt: skip
