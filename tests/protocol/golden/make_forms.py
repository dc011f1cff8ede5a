"""Makes the golden files of forms, tables and outcomes: `python -m tests.protocol.golden.make_forms`.

What a reader who has none of our code needs of the five files that are data: the form of every act's content,
of every event and of the hidden values (JSON Schema 2020-12), the phase table of every version, the canonical
text of the golden records' outcomes, and the causes of the installation's command ids. A form or a row of a
published version never changes; what is new comes beside it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from protocol import canonical, entry, hidden, record
from protocol.chance import Share
from protocol.commands import CONTENTS, Command, ReachMilestone
from protocol.commands_review import CloseClarification, CloseVote
from protocol.events import Event
from protocol.methods.arithmetic_check import Correction
from protocol.methods.evaluation import Evaluation
from protocol.seal.escrowing import SheetEscrow
from protocol.seal.releasing import BidRelease, CustodyRelease
from protocol.seal.trust.proved import SeatEvidence
from protocol.session.outcome import outcome
from protocol.session.phases import RULES
from protocol.session.signatures.checks import Shown

HERE: Final = Path(__file__).resolve().parent
RECORDS: Final = ("1", "2", "3-tender", "3-purchase", "3-envelopes")
RECORDS_4: Final = ("4-tender", "4-recognised")
"""While version 4 is in the making these may be made anew (`make_4`)."""
HIDDEN: Final[dict[str, Any]] = {
    "sheet": hidden.Opening,
    "tally": Evaluation,
    "corrected_scores": hidden.CorrectedScores,
    "deduction": hidden.Deduction,
    "draw_share": Share,
    "price_correction": Correction,
}
"""Field to the form of its value, where that is more than a text."""
HIDDEN_4: Final[dict[str, Any]] = {
    "bid_release": BidRelease,
    "custody_release": CustodyRelease,
    "sheet_escrow": SheetEscrow,
    "escrow_release": CustodyRelease,
    "delegation": SeatEvidence,
    "certificate": Shown,
}
"""The same of rules version 4, in a file of their own: names within them are others' names without."""
_REF: Final = "#/$defs/{name}"


def forms() -> dict[str, Any]:
    """Every form as JSON Schema: the entry, `acts` by type, `events` by their name, `hidden` by field."""
    events = {str(form.__struct_config__.tag): form for form in _structs(Event)}
    named: list[tuple[str, str, Any]] = [
        *(("acts", name, form) for name, form in CONTENTS.items()),
        *(("events", name, form) for name, form in events.items()),
        *(("hidden", field, form) for field, form in HIDDEN.items()),
    ]
    shown, defs = msgspec.json.schema_components([form for _, _, form in named], ref_template=_REF)
    told: dict[str, Any] = {"$defs": defs, "$schema": "https://json-schema.org/draft/2020-12/schema"}
    for (group, name, _), form in zip(named, shown, strict=True):
        told.setdefault(group, {})[name] = form
    return told


def hidden_4() -> dict[str, Any]:
    """The forms of the hidden values of rules version 4, as JSON Schema by field."""
    shown, defs = msgspec.json.schema_components(list(HIDDEN_4.values()), ref_template=_REF)
    named = dict(zip(HIDDEN_4, shown, strict=True))
    return {"$defs": defs, "$schema": "https://json-schema.org/draft/2020-12/schema", "hidden": named}


def table(version: str) -> dict[str, Any]:
    """A version's available acts and moves, as `make_3` tells them of version 3, and its switches."""
    rules = RULES[version]
    return {
        "acts": {
            name: {"scope": act.scope, "phases": list(act.phases), "roles": list(act.roles)}
            for name, act in sorted(rules.acts.items())
            if act.available
        },
        "moves": [
            {
                "scope": move.scope, "source": move.source, "target": move.target, "by": move.by,
                "guards": list(move.guards), "awaits": move.awaits, "calls": move.calls,
            }
            for move in rules.moves
            if move.available
        ],
        "not_yet": sorted(name for name, act in rules.acts.items() if not act.available),
        "switches": sorted(rules.switches),
        "uncounted": sorted(rules.uncounted),
    }  # fmt: skip


def outcomes() -> dict[str, Any]:
    """By golden record: the outcome's canonical text, and its digest in hexadecimal."""
    told = {}
    for name in (*RECORDS, *RECORDS_4):
        read = record.read((HERE / f"record-{name}.jsonl").read_bytes())
        raw = outcome(record.replay(read), read.disclosed)
        digest = canonical.sha256(canonical.tag("outcome/v1") + raw)
        told[name] = {"digest": digest.hex(), "text": raw.decode()}
    return told


def causes() -> list[dict[str, Any]]:
    """The installation's acts of the golden records: record, `seq`, what the id is of, and the id."""
    told = []
    for name in RECORDS:
        for seq, raw in enumerate(record.read((HERE / f"record-{name}.jsonl").read_bytes()).entries):
            one = entry.decode(raw).command
            if one.author_seq == 0:
                told.append({"cause": _cause(one), "id": one.command_id, "record": name, "seq": seq})
    return told


def _cause(one: Command) -> str:
    """The cause from which a command's id comes: by SPEC 7, for what the golden records have."""
    stage, content = one.stage, one.content
    name = f"{stage.lot}/{stage.envelope}"
    tried = []
    if isinstance(content, ReachMilestone):
        key = f"{content.milestone}@{name}"
        tried = [f"milestone {key}", *(f"milestone {key} {again}" for again in range(2, 9))]
    elif isinstance(content, CloseVote):
        tried = [f"vote {name} {stage.round} {content.bidder}/{content.ground}"]
    elif isinstance(content, CloseClarification):
        tried = [f"clarification {name} {stage.round} {content.number}"]
    return next(cause for cause in tried if _due_id(one.session, cause) == one.command_id)


def _due_id(session: str, cause: str) -> str:
    return f"due-{canonical.tagged_digest('due/v1', [session, cause]).hex()[:40]}"


def _structs(union: Any) -> Iterator[Any]:
    for one in get_args(union):
        if get_args(one):
            yield from _structs(one)
        else:
            yield one


def text_of(value: object) -> str:
    """A golden file's text."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


FILES: Final[dict[str, Any]] = {
    "forms.json": forms,
    "table-1.json": lambda: table("1"),
    "table-2.json": lambda: table("2"),
    "table-4.json": lambda: table("4"),
    "hidden-4.json": hidden_4,
    "outcomes.json": outcomes,
    "causes.json": causes,
}
"""File to what makes it."""


def main() -> None:
    """Write the golden files beside this one."""
    for name, make in FILES.items():
        (HERE / name).write_text(text_of(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
