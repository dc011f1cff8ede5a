"""The report's sections for machines (评标报告数据): every section of the regime's order as plain values.

Owns which facts stand in which section of `protocol.plan.report_contents`. Figures are texts as the tally has
them, times are ms, people stand by their seats, bidders by their ids. A section with nothing to tell says so by
empty lists. Must not know words beyond those of the record. Source: 12号令 42; 87号令 58; SPEC 17.5.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from main_venue.report import rules_told
from main_venue.report.gathered import Gathered, LotReport, StageReport
from protocol.plan.report_contents import SECTIONS
from protocol.words import Regime

Value = dict[str, Any]


def sections(gathered: Gathered) -> dict[str, Value]:
    """Code of the section → `{zh, en, …}`, in the law's order."""
    regime = gathered.state.regime
    parts = _PARTS[regime]
    return {
        code: {"zh": words.zh, "en": words.en} | _merged(gathered, parts[code])
        for code, words in SECTIONS[regime].items()
    }


def _merged(gathered: Gathered, parts: tuple[Callable[[Gathered], Value], ...]) -> Value:
    found: Value = {}
    for part in parts:
        found |= part(gathered)
    return found


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _facts(gathered: Gathered) -> Value:
    plan, state = gathered.plan, gathered.state
    return {
        "tender": plan.tender,
        "title": plan.title,
        "category": plan.category,
        "demonstration": state.demonstration,
        "methods": [rules_told.method(lot, state.regime) for lot in gathered.lots],
        "venues": [
            {"venue": one.venue, "province": one.province, "role": one.role} for one in state.venues.values()
        ],
        "record": {"began_ms": gathered.began_ms, "size": gathered.size, "root": gathered.root.hex()},
        "lots": [
            {
                "lot": lot.lot.id,
                "zh": lot.lot.zh,
                "unit": lot.lot.unit,
                "price_ceiling": lot.lot.price_ceiling,
                "bids": len(lot.stages[0].bidders) if lot.stages else 0,
                "valid": len(lot.track.valid),
            }
            for lot in gathered.lots
        ],
    }


def _course(gathered: Gathered) -> Value:
    assert gathered.turns is not None
    return {
        "suspensions": _plain(gathered.turns.suspensions),
        "more_time": _by_stage(gathered, lambda stage: {"more_time": _plain(stage.turns.more_time)}),
        "failed": _plain(gathered.failed),
    }


def _committee(gathered: Gathered) -> Value:
    assert gathered.committee is not None
    facts = gathered.committee
    return {
        "members": [
            {
                "seat": one.seat, "name": one.name, "kind": one.kind, "venue": one.venue,
                "speciality": facts.speciality.get(one.seat, ""),
                "identity": list(facts.identity.get(one.seat, ())), "checked_in_ms": one.checked_in_ms,
            }
            for one in gathered.members
        ],
        "draw": _plain(facts.draw),
        "chair": _plain(facts.chair),
        "changes": _plain(facts.changes),
        "void": _plain(facts.void),
    }  # fmt: skip


def _opening(gathered: Gathered) -> Value:
    return {
        "opened": _by_stage(
            gathered,
            lambda stage: {
                "opened_ms": stage.opened_ms,
                "source": stage.opening_source,
                "bids": [
                    {
                        "bidder": one.id, "code": one.code, "name": one.name, "price": one.price,
                        "quantities": one.quantities,
                    }
                    for one in stage.bidders
                ],
                "rates": _plain(stage.turns.rates),
                "objections": _plain(stage.turns.objections),
            },
        )
    }  # fmt: skip


def _conforming(gathered: Gathered) -> Value:
    return {
        "reviewed": _by_stage(
            gathered,
            lambda stage: {
                "valid": list(stage.track.valid),
                "items": _plain(stage.review.items),
                "marks": stage.review.marks,
                "deviations": _plain(stage.review.deviations),
                "blind": _plain(stage.review.blind),
            },
        )
    }


def _rejected(gathered: Gathered) -> Value:
    return {
        "rejected": _by_stage(
            gathered,
            lambda stage: {
                "bids": [{"bidder": one.bidder, "ground": one.ground} for one in stage.track.rejected],
                "votes": _plain(stage.review.votes),
                "desk": _plain(stage.review.desk_outs),
                "passing": list(stage.turns.passing),
            },
        )
    }


def _standards(gathered: Gathered) -> Value:
    return {
        "standards": [
            {"lot": lot.lot.id, "method": rules_told.method(lot, gathered.state.regime), "scheme": _plain(lot.scheme)}
            for lot in gathered.lots
        ]
    }  # fmt: skip


def _comparison(gathered: Gathered) -> Value:
    return {
        "compared": [
            {
                "lot": lot.lot.id,
                "rows": _plain(lot.evaluation.rows),
                "base_price": lot.evaluation.base_price,
                "working": [{"zh": one.zh, "en": one.en} for one in lot.steps],
            }
            for lot in gathered.lots
        ],
        "rechecked": _by_stage(
            gathered,
            lambda stage: {
                "rechecks": _plain(stage.turns.rechecks),
                "corrected": _plain(stage.turns.corrected),
                "abnormal": _plain(stage.turns.abnormal),
                "explained": _plain(stage.turns.explained),
                "tallies_set_aside": stage.turns.tallies_set_aside,
            },
        ),
    }


def _ranking(gathered: Gathered) -> Value:
    return {
        "ranking": [
            {
                "lot": lot.lot.id,
                "rows": [
                    {
                        "bidder": row.bidder, "rank": row.rank, "tied": row.tied, "status": row.status,
                        "total": row.total, "price": row.price,
                    }
                    for row in lot.evaluation.rows
                ],
            }
            for lot in gathered.lots
        ]
    }  # fmt: skip


def _candidates(gathered: Gathered) -> Value:
    return {
        "candidates": [
            {"lot": lot.lot.id, "bidders": [row.bidder for row in lot.ranked() if row.candidate]}
            for lot in gathered.lots
        ],
        "before_contract": [],
    }


def _clarified(gathered: Gathered) -> Value:
    return {
        "clarified": _by_stage(
            gathered,
            lambda stage: {
                "clarifications": _plain(stage.review.clarifications),
                "corrections": _plain(stage.review.corrections),
            },
        )
    }


def _by_stage(gathered: Gathered, value: Callable[[StageReport], Value]) -> list[Value]:
    """One value for each envelope of each lot that was opened."""
    return [_named(lot, stage) | value(stage) for lot in gathered.lots for stage in lot.stages]


def _named(lot: LotReport, stage: StageReport) -> Value:
    return {"lot": lot.lot.id, "envelope": stage.track.envelope, "round": stage.track.round}


_PARTS: Final[dict[Regime, dict[str, tuple[Callable[[Gathered], Value], ...]]]] = {
    "TENDER": {
        "basic_facts": (_facts, _course),
        "committee": (_committee,),
        "opening_record": (_opening,),
        "conforming_bids": (_conforming,),
        "rejected_bids": (_rejected,),
        "standards": (_standards,),
        "comparison": (_comparison,),
        "ranking": (_ranking,),
        "candidates": (_candidates,),
        "clarifications": (_clarified,),
    },
    "GOV_PROC": {
        "notice": (_facts,),
        "bidders_and_committee": (_committee,),
        "standards": (_standards,),
        "opening_and_review": (_opening, _conforming, _rejected, _comparison),
        "result": (_ranking, _candidates),
        "other": (_clarified, _course),
    },
}
