"""A long session in a store: a played one, and then ever more acts of the installation itself."""

from protocol import canonical, entry
from protocol.commands import NoteRefusal
from protocol.refusals import Refusal
from protocol.session import deadlines
from protocol.session.apply import apply_known, make_entry
from protocol.session.decide import decide
from protocol.session.state import State
from protocol.words import SESSION_STAGE
from server.sessions.signer import Signer
from server.store.contract import Batch, Birth, KeptAnswer, Store
from tests.protocol.world import private_key
from tests.server.acting import Script

BATCH_ENTRIES = 500
_signer = Signer(private_key("installation"))


def lengthen(state: State, entries: int) -> tuple[State, list[bytes]]:
    """The state after so many noted refusals more, and their entries."""
    raws: list[bytes] = []
    for _ in range(entries):
        digest = canonical.sha256(str(state.size).encode())
        content = NoteRefusal("", "CheckIn", "NotAllowed", digest)
        command = deadlines.own(state, SESSION_STAGE, content, f"refusal {digest.hex()}", state.at)
        decided = decide(state, command, state.at, digest)
        assert not isinstance(decided, Refusal), decided
        one = make_entry(state, command, _signer.command(command), state.at, digest, decided)
        raw = entry.encode(one)
        state = apply_known(state, one, raw)
        raws.append(raw)
    return state, raws


async def store_long(store: Store, script: Script, entries: int, authors: int = 4) -> State:
    """Put a script's session into a store, lengthened to so many entries; each with somebody's answer."""
    state, more = lengthen(script.at, entries - script.at.size)
    raws = [*script.entries, *more]
    for since in range(0, len(raws), BATCH_ENTRIES):
        page = tuple(raws[since : since + BATCH_ENTRIES])
        answers = tuple(
            KeptAnswer(f"author {seq % authors}", f"c{seq}", bytes(32), b"{}")
            for seq in range(since, since + len(page))
        )
        birth = Birth("hefei", script.now) if since == 0 else None
        disclosures = tuple(script.held) if since == 0 else ()
        await store.append(
            Batch(
                session=script.session,
                since=since,
                entries=page,
                answers=answers,
                disclosures=disclosures,
                birth=birth,
            )
        )
    return state
