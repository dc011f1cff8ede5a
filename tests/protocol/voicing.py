"""People who delegate their seats' keys under rules version 4, by certificate and at the desk."""

from functools import cache
from typing import Any

from protocol import hidden
from protocol.commands_identity import ConfirmSeatKey, DelegateSeatKey
from protocol.hidden import Disclosure
from protocol.seal import signing
from protocol.seal.trust.proved import ByCertificate, ByDesk, Judged
from protocol.words import SESSION_STAGE
from tests.attacks.person import Person
from tests.protocol import world

DAY_MS = 86_400_000


@cache
def person() -> Person:
    """Somebody with a certificate on P-256."""
    return Person("ecdsa")


def proof(by: "world.World", author: str, until: int, **changes: Any) -> ByCertificate:
    """A delegation of an author's key, signed by certificate."""
    who = by.at.keys[world.key(author)]
    said = {
        "session": by.session, "seat": who.seat, "role": who.role, "key": world.key(author), "until": until,
    }  # fmt: skip
    if "said_until" in changes:
        changes["until"] = changes.pop("said_until")
    return ByCertificate(
        signed=person().delegated(**{**said, **changes}),
        judged=Judged(at=by.now, trust_list=b"t" * 32, until=until),
    )


def delegating(by: "world.World", author: str, **changes: Any) -> tuple[DelegateSeatKey, Disclosure]:
    """The act by which an author's key is delegated, as the identity node attests it, and its evidence."""
    until = by.now + DAY_MS
    made = hidden.disclose(
        "delegation", world.salt(f"delegation {author} {by.names}"), proof(by, author, until, **changes)
    )
    seat = by.at.keys[world.key(author)].seat
    told = signing.delegated_bytes(by.session, seat, world.key(author), "certificate", made.digest, until)
    attestation = signing.sign(world.private_key("installation"), told)
    return DelegateSeatKey("certificate", made.digest, until, attestation), made


def delegate(by: "world.World", author: str) -> None:
    """Delegate an author's key by certificate."""
    content, made = delegating(by, author)
    by.must(author, content, SESSION_STAGE, (made,))


def confirming(by: "world.World", holder: str, **changes: Any) -> tuple[ConfirmSeatKey, Disclosure]:
    """The act by which an officer answers for who holds a key, and what was seen."""
    until = by.now + DAY_MS // 2
    seat = by.at.keys[world.key(holder)].seat
    seen: dict[str, Any] = {
        "session": by.session, "seat": seat, "key": world.key(holder), "name": "示例人员",
        "document": "id_card", "number_tail": "123X", "until": until,
    }  # fmt: skip
    made = hidden.disclose(
        "delegation", world.salt(f"seen {holder} {by.names}"), ByDesk(**{**seen, **changes})
    )
    return ConfirmSeatKey(seat, world.key(holder), "id_card", made.digest, until), made
