"""现场核验: an officer of a venue confirms who sits at a desk there, as if a document had been shown.

Owns whom a played witness or keeper confirms: people who took a seat from the play, never its own stand-ins,
who bring certificates. A witness confirms everybody else, a keeper a person who took the witness's seat.
Rules version 4. Source: SPEC 19.5.
"""

from collections.abc import Iterator
from typing import Final

from ops.people.deed import Deed, Scene
from ops.senses import Dice
from protocol import hidden, limits
from protocol.commands_identity import ConfirmSeatKey
from protocol.hidden import Disclosure
from protocol.seal.trust.proved import ByDesk

CONFIRMED_MS: Final = limits.CONFIRMATION_MS_MAX - 3_600_000
"""For how long an officer answers: a day, less what the two machines' clocks may differ."""
STAND_IN: Final = "示例 {seat}"
"""The name of whoever's person nobody has named."""


def deeds(scene: Scene) -> Iterator[Deed]:
    """The people at the officer's venue whose key has no voice yet."""
    voice = scene.view.voice
    if voice is None or not scene.guests:
        return
    names = {one.seat: one.name for one in scene.case.members}
    for one in voice.confirms:
        meant = one.role != "witness" if scene.role == "witness" else one.role == "witness"
        if meant and one.seat in scene.guests:
            name = names.get(one.seat) or STAND_IN.format(seat=one.seat)
            content, shown = seen(
                scene.view.session, one.seat, one.key, name, scene.now_ms + CONFIRMED_MS, scene.dice
            )
            yield Deed("ConfirmSeatKey", content=content, disclosures=(shown,), about=f"{one.seat} {one.key}")


def seen(
    session: str, seat: str, key: str, name: str, until: int, dice: Dice
) -> tuple[ConfirmSeatKey, Disclosure]:
    """What an officer enters who has seen an identity card, and the evidence that goes with it."""
    shown = ByDesk(
        session=session, seat=seat, key=key, name=name, document="id_card",
        number_tail=dice.bytes32("document", session, seat).hex()[:4].upper(), until=until,
    )  # fmt: skip
    salt = dice.bytes32("seen", session, seat, key)[: limits.SALT_BYTES]
    made = hidden.disclose("delegation", salt, shown)
    return ConfirmSeatKey(seat, key, shown.document, made.digest, until), made
