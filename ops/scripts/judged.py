"""Whether what came out of a scripted evaluation is what had to; each difference in words.

Owns the comparison of a record's result with what a script wants; must not know how it was played.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from ops.scripts.scripted import Scripted
from protocol.hidden import Disclosed
from protocol.session.outcome import evaluation, outcome
from protocol.session.state import State, is_last
from protocol.words import Term

_MISSING = object()


def differences(script: Scripted, state: State, disclosed: Disclosed) -> tuple[Term, ...]:
    """What differs from what the script wants, in both languages; nothing when it came out as it must.

    Args:
      script: what is wanted.
      state: as of the record's end.
      disclosed: what goes with it.
    """
    return tuple(_differences(script, state, disclosed))


def _differences(script: Scripted, state: State, disclosed: Disclosed) -> Iterator[Term]:
    wanted = script.wanted
    if state.phase != wanted.phase:
        yield _differs("阶段", "phase", wanted.phase, state.phase)
    last = next(one for one in state.tracks.values() if one.lot == "01" and is_last(state, one))
    result = evaluation(last, disclosed)
    rows = () if result is None else result.rows
    drawn = last.draws.get("K", "")
    ranking = tuple(row.bidder for row in rows if row.rank)
    totals = {row.bidder: row.total for row in rows if row.rank}
    if wanted.ranking and wanted.ranking.get(drawn) != ranking:
        yield _differs("排序", "ranking", wanted.ranking.get(drawn), ranking)
    if wanted.totals and wanted.totals.get(drawn) != totals:
        yield _differs("总分", "totals", wanted.totals.get(drawn), totals)
    told = msgspec.json.decode(outcome(state, disclosed))
    for path, value in wanted.facts.items():
        found = _at(told, path)
        if found != value:
            yield _differs(path, path, value, "-" if found is _MISSING else found)


def _at(told: Any, path: str) -> Any:
    """The part of an outcome at a dotted path."""
    for name in path.split("."):
        if isinstance(told, list) and name.isdigit() and int(name) < len(told):
            told = told[int(name)]
        elif isinstance(told, dict) and name in told:
            told = told[name]
        else:
            return _MISSING
    return told


def _differs(zh: str, en: str, wanted: object, found: object) -> Term:
    return Term(f"{zh} 应为 {wanted},实为 {found}", f"{en} should be {wanted} and is {found}")
