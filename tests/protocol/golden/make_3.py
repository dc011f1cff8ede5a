"""Makes the golden files of rules version 3: `python -m tests.protocol.golden.make_3`.

While version 3 is in the making its files may be made anew, by this script and with the change that calls
for it told in the commit. Once it is published they never move, as those of `make`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from protocol import chance, entry, record
from protocol.commands_draw import SeatWanted
from protocol.ledger import tree
from protocol.plan.case import Case, read_case
from protocol.session import draw
from protocol.session.outcome import outcome_digest
from protocol.session.phases import RULES
from tests.protocol.acting import Acting
from tests.protocol.golden.whole import tender
from tests.protocol.golden.whole_envelopes import envelopes
from tests.protocol.golden.whole_purchase import purchase

HERE = Path(__file__).resolve().parent
RECORDS = {"tender": tender, "purchase": purchase, "envelopes": envelopes}
"""The name of a golden record, and the session that it is of."""


def case() -> Case:
    """The case of all three."""
    found = read_case((HERE / "case-3.json").read_bytes())
    if not isinstance(found, Case):
        sys.exit(str(found))
    return found


def worlds() -> dict[str, Acting]:
    """Every session, held anew."""
    return {name: make(case()) for name, make in RECORDS.items()}


def written(world: Acting) -> bytes:
    """The record of a session as its file has it."""
    return record.write(world.session, world.entries, world.held)


def vectors(held: dict[str, Acting]) -> dict[str, Any]:
    """What every record comes to, piece by piece."""
    return {
        name: {
            "leaves": [tree.leaf_hash(raw).hex() for raw in world.entries],
            "root": tree.frontier_root(world.at.frontier).hex(),
            "outcome": outcome_digest(world.at, world.disclosed).hex(),
            "phase": world.at.phase,
        }
        for name, world in held.items()
    }


def drawn(world: Acting) -> dict[str, Any]:
    """The draw of the tender, step by step: from shares to who took which seat, replacements among them."""
    state = world.at
    frozen = state.drawn.frozen
    assert frozen is not None
    seed = state.drawn.seed
    picked = draw.picks(seed, frozen, state.drawn.takes)
    return {
        "session": world.session,
        "draw": frozen.draw,
        "subject": frozen.subject.hex(),
        "root": frozen.root.hex(),
        "shares": [
            {
                "party": one.party,
                "random": one.random.hex(),
                "salt": one.salt.hex(),
                "commitment": state.drawn.commitments[one.party].hex(),
            }
            for one in state.drawn.shares
        ],
        "seed": seed.hex(),
        "venues": [venue.venue for venue in draw.venues_drawn(seed, frozen)],
        "orders": [
            {
                "province": one.province,
                "speciality": one.speciality,
                "order": list(
                    chance.drawn_order(seed, ["stratum", one.province, one.speciality], one.eligible)
                ),
            }
            for one in frozen.strata
        ],
        "takes": [
            {**_wanted(take), "venue": pick.venue.venue, "index": pick.index}
            for take, pick in zip(state.drawn.takes, picked, strict=True)
        ],
    }


def _wanted(take: SeatWanted) -> dict[str, str]:
    return {"seat": take.seat, "place": take.place, "speciality": take.speciality}


def table(held: dict[str, Acting]) -> dict[str, Any]:
    """Version 3 as data: phases × acts, moves with their guards, and which events an act has caused here."""
    rules = RULES["3"]
    events: dict[str, set[str]] = {}
    for world in held.values():
        for raw in world.entries:
            one = entry.decode(raw)
            names = {str(type(event).__struct_config__.tag) for event in one.events}
            events.setdefault(one.command.type, set()).update(names)
    return {
        "acts": {
            name: {
                "scope": act.scope,
                "phases": list(act.phases),
                "roles": list(act.roles),
                "events": sorted(events.get(name, ())),
            }
            for name, act in sorted(rules.acts.items())
            if act.available
        },
        "moves": [
            {
                "scope": move.scope,
                "source": move.source,
                "target": move.target,
                "by": move.by,
                "guards": list(move.guards),
                "awaits": move.awaits,
                "calls": move.calls,
            }
            for move in rules.moves
            if move.available
        ],
    }


def text_of(value: object) -> str:
    """A golden file's text."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the golden files beside this one."""
    held = worlds()
    for name, world in held.items():
        (HERE / f"record-3-{name}.jsonl").write_bytes(written(world))
    (HERE / "vectors-3.json").write_text(text_of(vectors(held)), encoding="utf-8")
    (HERE / "draw-3.json").write_text(text_of(drawn(held["tender"])), encoding="utf-8")
    (HERE / "table-3.json").write_text(text_of(table(held)), encoding="utf-8")


if __name__ == "__main__":
    main()
