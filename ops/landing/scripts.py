"""What may be begun on the landing page: the sample, and every scripted evaluation that this stack can hold.

Owns which of them those are. The scripts are read when somebody asks for them first, and not at the start,
which nobody shall wait for. Must not know pages or sessions.
"""

import asyncio
import importlib
from typing import Any, Final

from msgspec import Struct

from ops.installation import Installation
from ops.scripts.scripted import Scripted
from ops.trouble import Trouble
from protocol.plan.case import Case

_STARTED_WITH: Final = ("启动时所用的案例", "the case that this was started with")


class Offer(Struct, frozen=True):
    """Something to begin; an empty name is the sample. `zh` and `en` say in a sentence what it shows."""

    name: str
    title_zh: str
    title_en: str
    zh: str
    en: str


async def offers(found: Installation, case: Case | None) -> tuple[Offer, ...]:
    """Everything that can be begun on this stack, `case` first, which is what the stack was started with."""
    catalogue = await _catalogue()
    scripts: tuple[Scripted, ...] = catalogue.SCRIPTS
    plan = None if case is None else case.plan
    first = () if plan is None else (Offer("", plan.title, plan.title_en, *_STARTED_WITH),)
    return (
        *first,
        *(
            Offer(one.name, one.title_zh, one.title_en, one.zh, one.en)
            for one in scripts
            if not _missing(found, one)
        ),
    )


async def find(found: Installation, name: str) -> Scripted:
    """A script as it is played over a stack, hours shortened.

    Raises:
      Trouble: there is none of that name, or it needs a venue that this stack has not.
    """
    catalogue = await _catalogue()
    script: Scripted = catalogue.find(name).over_the_stack()
    missing = _missing(found, script)
    if missing:
        names = "、".join(missing)
        raise Trouble(
            f"运行中的系统没有会场 {names},不能举行“{name}”。",
            f"The stack that runs has no venue {names}, so “{name}” cannot be held on it.",
        )
    return script


def _missing(found: Installation, script: Scripted) -> tuple[str, ...]:
    """Venues that a script needs and the stack has not; the main venue must be the same one."""
    there = {node.place.node: node.place.role for node in found.nodes}
    return tuple(one.id for one in script.case.venues if there.get(one.id) != one.role)


async def _catalogue() -> Any:
    """The scripts, read in a thread: their cases are made from the sample's file."""
    return await asyncio.to_thread(importlib.import_module, "ops.scripts.catalogue")
