"""Every fault by its name: how long it lasts in a quick run and in one by hand, and running it.

Owns the list that `tongchang faults` shows, and a new folder for each run. Must not know what a fault does.
"""

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from ops import senses
from ops.faults import clocks, crowds, disks, kills, lines, media, shared
from ops.faults.apart import lines as apart
from ops.faults.apart import recorded, soak, walls
from ops.faults.found import Found, Report
from ops.trouble import Trouble


class Fault(Struct, frozen=True, kw_only=True):
    """A fault: its duration quickly and by hand, and whether it needs a small disk of its own."""

    name: str
    zh: str
    en: str
    run: Callable[[Path, int, Found], Awaitable[None]]
    short_ms: int
    long_ms: int
    small_disk: bool = False


FAULTS: Final = (
    Fault(
        name="kill-coordinator", zh="强制结束协调系统", en="the coordinator killed, again and again",
        run=kills.coordinator, short_ms=6_000, long_ms=600_000,
    ),
    Fault(
        name="kill-venues", zh="强制结束会场节点", en="venues' nodes killed, again and again",
        run=kills.venues, short_ms=6_000, long_ms=600_000,
    ),
    Fault(
        name="clock-elsewhere", zh="会场与网页时钟相差五分钟", en="venues and pages five minutes wrong",
        run=clocks.elsewhere, short_ms=0, long_ms=0,
    ),
    Fault(
        name="clock-coordinator", zh="协调系统时钟被回拨", en="the coordinator's clock wrong, and set back",
        run=clocks.coordinator, short_ms=0, long_ms=0,
    ),
    Fault(
        name="clock-deadline", zh="协调系统时钟越过截止", en="the coordinator's clock passes a deadline",
        run=clocks.deadline, short_ms=0, long_ms=0,
    ),
    Fault(
        name="line-silent", zh="两个副场断线,无任何提示", en="two venues cut off, silently",
        run=lines.silent, short_ms=4_000, long_ms=600_000,
    ),
    Fault(
        name="line-reset", zh="两个副场断线,连接被重置", en="two venues cut off, by reset",
        run=lines.reset, short_ms=4_000, long_ms=600_000,
    ),
    Fault(
        name="disk-full-venue", zh="副场磁盘写满", en="a venue's disk full",
        run=disks.at_venue, short_ms=3_000, long_ms=120_000, small_disk=True,
    ),
    Fault(
        name="disk-full-coordinator", zh="协调系统磁盘写满", en="the coordinator's disk full",
        run=disks.at_coordinator, short_ms=3_000, long_ms=120_000, small_disk=True,
    ),
    Fault(
        name="page-floods", zh="一个网页不停发问", en="a page that floods its node",
        run=crowds.page_floods, short_ms=6_000, long_ms=120_000,
    ),
    Fault(
        name="page-deaf", zh="一个网页只问不读", en="a page that asks and does not read",
        run=crowds.page_deaf, short_ms=6_000, long_ms=120_000,
    ),
    Fault(
        name="node-floods", zh="持节点证书者不停发问", en="a node that floods the coordinator",
        run=crowds.node_floods, short_ms=6_000, long_ms=120_000,
    ),
    Fault(
        name="node-still", zh="一个副场节点停住不读", en="a node that stands still and does not read",
        run=crowds.node_still, short_ms=4_000, long_ms=120_000,
    ),
    Fault(
        name="postgres-killed", zh="强制结束 PostgreSQL", en="PostgreSQL killed and started again",
        run=shared.postgres_killed, short_ms=2_000, long_ms=60_000,
    ),
    Fault(
        name="postgres-failover", zh="PostgreSQL 备库接管", en="PostgreSQL replaced by its standby",
        run=shared.postgres_failover, short_ms=1_000, long_ms=30_000,
    ),
    Fault(
        name="commit-in-doubt", zh="提交结果不明", en="commits whose answer is lost",
        run=shared.commit_in_doubt, short_ms=0, long_ms=0,
    ),
    Fault(
        name="redis-emptied", zh="强制结束并清空 Redis", en="Redis killed and emptied",
        run=shared.redis_emptied, short_ms=2_000, long_ms=60_000,
    ),
    Fault(
        name="holder-killed", zh="强制结束主持会话的协调端", en="the coordinator of the session killed",
        run=shared.holder_killed, short_ms=0, long_ms=0,
    ),
    Fault(
        name="holder-stale", zh="协调端停住超过租期后继续", en="a coordinator stopped past its lease",
        run=shared.holder_stale, short_ms=6_000, long_ms=60_000,
    ),
    Fault(
        name="media-killed", zh="强制结束音视频进程", en="media workers and a recording venue's node killed",
        run=media.killed, short_ms=0, long_ms=0,
    ),
    Fault(
        name="media-lines", zh="音视频线路丢包、延迟、中断、换地址", en="cameras over bad lines",
        run=apart.apart, short_ms=3_000, long_ms=20_000,
    ),
    Fault(
        name="media-wall", zh="真实浏览器的画面墙,丢包 2%", en="a real browser's wall, 2 % lost",
        run=walls.shown, short_ms=0, long_ms=0,
    ),
    Fault(
        name="media-walls", zh="真实浏览器的画面墙,各种线路不良", en="a real browser's wall, all bad lines",
        run=walls.shown, short_ms=5_000, long_ms=20_000,
    ),
    Fault(
        name="media-recorded", zh="录像线路丢包,回放是否完整", en="a recorder's line loses packets",
        run=recorded.recorded, short_ms=3_000, long_ms=60_000,
    ),
    Fault(
        name="media-soak", zh="音视频长时间运行,内存与句柄", en="media workers for an hour, under way",
        run=soak.soaked, short_ms=15_000, long_ms=3_600_000,
    ),
)  # fmt: skip


def find(name: str) -> Fault:
    """A fault by its name.

    Raises:
      Trouble: there is none.
    """
    for fault in FAULTS:
        if fault.name == name:
            return fault
    names = "、".join(fault.name for fault in FAULTS)
    raise Trouble(
        f"没有故障“{name}”。现有:{names}。",
        f"There is no fault “{name}”. There are: {names.replace('、', ', ')}.",
        2,
    )


async def run(fault: Fault, *, long: bool, data: Path | None = None) -> Report:
    """Run one fault in a new folder, or in one that is named and stays.

    A disturbance or an evaluation that does not come to its end is a finding as well.
    """
    start = senses.running_ms()
    found = Found(fault.en)
    with tempfile.TemporaryDirectory(prefix="tongchang-fault-") as made:
        # PostgreSQL has an account of its own, which must be able to pass through.
        Path(made).chmod(0o711)  # noqa: ASYNC240 - what is in it stays closed
        try:
            await fault.run(data or Path(made) / "data", fault.long_ms if long else fault.short_ms, found)
        except (Trouble, AssertionError) as error:
            found.findings.append(str(error))
    return found.report(fault.name, senses.running_ms() - start)
