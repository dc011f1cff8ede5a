"""The whole examination, in the order in which a person mends things: programs, network, time, disk, stores.

Owns the list of looks and what they add up to; changes nothing. A red line that an evaluation needs ends the
command with 1; a yellow one, which only tests, browsers or larger houses need, does not.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from ops import installation
from ops.doctor import clock, disk, machine, network, rehearsed, screens, stores, tls
from ops.doctor.check import Check
from ops.installation import Installation


def examine(data: Path) -> tuple[Check, ...]:
    """All checks, for a data folder that may not exist yet."""
    found = _installed(data)
    looks: list[Callable[[], Iterator[Check]]] = [
        machine.look,
        screens.look,
        lambda: network.look(data, found),
        lambda: tls.look(found),
        lambda: clock.look(data, found),
        lambda: disk.look(data),
        lambda: stores.look(data, found),
        lambda: rehearsed.look(data, found),
    ]
    return tuple(check for look in looks for check in look())


def is_fit(checks: tuple[Check, ...]) -> bool:
    """Whether nothing needed is red."""
    return all(check.ok or not check.needed for check in checks)


def as_json(checks: tuple[Check, ...]) -> str:
    """The checks as one line: `{ok, checks: [{name, ok, needed, zh, en, remedy_zh, remedy_en}]}`."""
    value = {"ok": is_fit(checks), "checks": [_plain(check) for check in checks]}
    return json.dumps(value, ensure_ascii=False)


def _plain(check: Check) -> dict[str, object]:
    return {name: getattr(check, name) for name in Check.__struct_fields__}


def _installed(data: Path) -> Installation | None:
    return installation.find(data) if (data / "installation.json").exists() else None
