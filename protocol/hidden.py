"""Hidden values: what an entry carries in place of a name, a price or a score.

A value that is secret or personal never enters an entry. Its place is taken by
``SHA-256(tag ‖ 32-byte salt ‖ canonical value)``; the pair (salt, value) is a *disclosure*,
kept beside the record and handed to whom the allow-table names. Erasing a disclosure
leaves every hash valid. The sealed scores of one expert and stage are committed with the
32-byte nonce inside the hashed value (SPEC 6); their disclosure is an *opening*.

Salts are made in the author's shell, never here and never from an entry's entropy.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from protocol import canonical, limits
from protocol.words import DecimalText, Hash, Id, Salt, Stage

Field = Literal[
    "plan", "committee_source", "person", "opening_source", "bidder_name", "price",
    "quantities", "preliminary_source", "sheet", "tally", "report", "remark", "draw_share", "pool",
    "parties", "facts",
    "blind_findings", "reason", "question", "reply", "price_correction",
    "corrected_scores", "explanation", "dissent", "statement", "objection",
    "deduction", "bid_release", "custody_release", "sheet_escrow", "escrow_release",
    "delegation", "certificate", "intervention", "intervention_answer", "roll_call",
]  # fmt: skip
"""The kinds of hidden value; each has a hash domain of its own and a row in the allow-table."""

Scores = dict[str, dict[str, int]]
"""`bidder → criterion → points_centi` (hundredths of a point)."""


class Disclosure(Struct, frozen=True, forbid_unknown_fields=True):
    """One hidden value made known: its field, the digest in the record, its salt, the value.

    `value` is canonical JSON as text, so that a disclosure's bytes can be hashed as received.
    """

    field: Field
    digest: Hash
    salt: Salt
    value: str


class Opening(Struct, frozen=True, forbid_unknown_fields=True):
    """What a sheet's commitment hides (SPEC 6): one expert's scores for one stage."""

    session: Id
    stage: Stage
    expert: Id
    bids: tuple[Id, ...]
    scores: dict[Id, dict[Id, int]]
    nonce: Salt


class CorrectedScores(Struct, frozen=True, forbid_unknown_fields=True):
    """What a member's correction of their own sheet hides (SPEC 17.1): the new points of its items."""

    session: Id
    stage: Stage
    expert: Id
    ground: str
    scores: dict[Id, dict[Id, int]]


class Deduction(Struct, frozen=True, forbid_unknown_fields=True):
    """What the confirmation of a bid's share of small businesses hides (SPEC 16.5): per cent, and why."""

    share: DecimalText
    basis: str


def digest(field: str, salt: bytes, value: Any) -> bytes:
    """The 32-byte digest that stands for a hidden value.

    Args:
      field: the kind of value, a member of `Field`.
      salt: 32 bytes from the author's machine.
      value: anything canonical.
    """
    return canonical.sha256(_prefix(field, salt) + canonical.encode(value))


def disclose(field: Field, salt: bytes, value: Any) -> Disclosure:
    """A hidden value with its digest, ready to travel beside a command."""
    raw = canonical.encode(value)
    return Disclosure(
        field=field,
        digest=canonical.sha256(_prefix(field, salt) + raw),
        salt=salt,
        value=raw.decode(),
    )


def commitment(opening: Opening) -> bytes:
    """The commitment to one expert's scores of one stage, 32 bytes (SPEC 6).

    SHA-256 over the tag `sheet/v1` and the canonical opening, its nonce included.
    """
    return canonical.tagged_digest("sheet/v1", opening)


def disclose_opening(opening: Opening) -> Disclosure:
    """An opening as the disclosure that travels with `OpenSheet`; its salt is the nonce."""
    return Disclosure(
        field="sheet",
        digest=commitment(opening),
        salt=opening.nonce,
        value=canonical.encode(opening).decode(),
    )


def holds(disclosure: Disclosure) -> bool:
    """Whether a disclosure's value and salt give its digest."""
    raw = disclosure.value.encode()
    if len(raw) > limits.DISCLOSURE_BYTES_MAX:
        return False
    try:
        if disclosure.field == "sheet":
            opening = canonical.decode(raw, Opening, limits.DISCLOSURE_BYTES_MAX)
            return opening.nonce == disclosure.salt and commitment(opening) == disclosure.digest
        canonical.decode(raw, object, limits.DISCLOSURE_BYTES_MAX)
    except canonical.NotCanonical:
        return False
    expected = canonical.sha256(_prefix(disclosure.field, disclosure.salt) + raw)
    return expected == disclosure.digest


class Disclosed(Mapping[bytes, Disclosure]):
    """Disclosures by digest, immutable; only such as hold get in.

    `value(digest)` decodes one; a digest without disclosure raises `KeyError`.
    """

    def __init__(self, disclosures: Iterable[Disclosure] = ()) -> None:
        """Keep the disclosures that hold; a false one is left out."""
        self._by_digest = {one.digest: one for one in disclosures if holds(one)}
        self._decoded: dict[tuple[bytes, Any], Any] = {}

    def __getitem__(self, key: bytes) -> Disclosure:
        return self._by_digest[key]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._by_digest)

    def __len__(self) -> int:
        return len(self._by_digest)

    def plus(self, disclosures: Iterable[Disclosure]) -> "Disclosed":
        """These and more; the receiver stays as it was, and is the answer where there is nothing more."""
        more = Disclosed(disclosures)
        if more._by_digest.keys() <= self._by_digest.keys():
            return self
        more._by_digest = self._by_digest | more._by_digest
        more._decoded = dict(self._decoded)
        return more

    def only(self, digests: Iterable[bytes]) -> "Disclosed":
        """Those of these digests that are here."""
        fewer = Disclosed()
        fewer._by_digest = {d: self._by_digest[d] for d in digests if d in self._by_digest}
        fewer._decoded = self._decoded
        return fewer

    def value(self, digest_: bytes, as_type: Any = object) -> Any:
        """The hidden value behind a digest, decoded once per type.

        Raises:
          KeyError: no disclosure of that digest is here.
          NotCanonical: the value is not of that type.
        """
        one = self._by_digest[digest_]
        key = (digest_, as_type)
        if key not in self._decoded:
            raw = one.value.encode()
            self._decoded[key] = canonical.decode(raw, as_type, limits.DISCLOSURE_BYTES_MAX)
        return self._decoded[key]

    def get_value(self, digest_: bytes | None, as_type: Any = object) -> Any:
        """As `value`, but None where nothing is disclosed."""
        if digest_ is None or digest_ not in self._by_digest:
            return None
        return self.value(digest_, as_type)


def _prefix(field: str, salt: bytes) -> bytes:
    if len(salt) != limits.SALT_BYTES:
        raise canonical.NotCanonical(f"a salt of {len(salt)} bytes")
    return canonical.tag(f"hidden/v1/{field}") + salt
