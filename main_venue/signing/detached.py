"""A signature beside the PDF (SM2 签名), and the face that any other seal would wear here (GB/T 38540).

Owns the interface `Seal`, by which a provincial CA's electronic seals can be plugged in, and its one true
implementation: SM2 SignedData (GM/T 0010) over the prepared report. The prepared bytes stand in front of
every signed copy, so that those who sign in the national suite need not wait for each other.
SPEC 29.5.
"""

from typing import Final, Protocol

from msgspec import Struct
from pyhanko.sign.timestamps import TimeStamper

from main_venue.signing import judged
from main_venue.signing import statement as statements
from main_venue.signing.findings import Finding
from main_venue.signing.judged import Made, Signature
from main_venue.signing.manifest import Manifest
from main_venue.signing.signed import Beside, NotSigned
from main_venue.signing.signer import Signer
from main_venue.signing.statement import Statement
from protocol import canonical
from protocol.refusals import Refusal
from protocol.seal import signed_data
from protocol.seal.signed_data import SIGNED_DATA_BYTES_MAX, SignedData
from protocol.seal.trust import certificate, judge
from protocol.seal.trust.certificate import Certificate
from protocol.seal.trust.der import NotDer
from protocol.seal.trust.judge import Evidence
from protocol.seal.trust.trust_list import Trusted


class Seal(Protocol):
    """How some kind of signature or seal is made beside a prepared report, and checked.

    An adapter for GB/T 38540 seals (电子印章, a CA's device and its seal pictures) has this face.
    """

    @property
    def kind(self) -> str:
        """Its name, stable: `sm2-signed-data`; for the national standard's seals `gbt-38540`."""

    async def make(
        self, prepared: bytes, field: str, signer: Signer, stamper: TimeStamper, statement: Statement,
        beside: Beside,
    ) -> bytes:  # fmt: skip
        """The seal's bytes over a prepared report, for a place; raises `NotSigned` and `StampFault`."""

    def check(
        self, prepared: bytes, sealed: bytes, manifest: Manifest, trusted: Trusted, evidence: Evidence
    ) -> Signature | Finding:
        """What is to be said of a seal over a prepared report; a finding where the bytes are none."""


class _Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed for, as it stands in the signature: canonical `{field, reason}`."""

    field: str
    reason: str


class Sm2SignedData:
    """SM2 SignedData of GM/T 0010, with an RFC 3161 time-stamp over the signature."""

    kind: Final = "sm2-signed-data"

    async def make(
        self, prepared: bytes, field: str, signer: Signer, stamper: TimeStamper, statement: Statement,
        beside: Beside,
    ) -> bytes:  # fmt: skip
        """As `Seal.make`; `signer` has a key of SM2, in whatever device."""
        if signer.algorithm != "sm2-sm3":
            raise NotSigned(f"{signer.algorithm} signs in the PDF, not beside it")
        said = canonical.encode(_Said(field, statement.text))
        attributes = signed_data.attributes(prepared, said)
        signature = signer.sign(attributes)
        token = await stamper.async_timestamp(canonical.sha256(signature), "sha256")
        others = [*signer.others, *_read_all(beside.certificates)]
        return signed_data.write(
            SignedData(
                own=signer.own,
                others=tuple(one for one in dict.fromkeys(others) if one != signer.own),
                crls=beside.crls,
                attributes=attributes,
                digest=b"",
                statement=said,
                signature=signature,
                token=token.dump(),
            )
        )

    def check(
        self, prepared: bytes, sealed: bytes, manifest: Manifest, trusted: Trusted, evidence: Evidence
    ) -> Signature | Finding:
        """As `Seal.check`."""
        try:
            said = signed_data.read(sealed)
            told = canonical.decode(said.statement, _Said, SIGNED_DATA_BYTES_MAX)
        except (NotDer, ValueError) as error:
            return Finding("SealUnreadable", detail=f"{error}"[:120])
        before = [] if signed_data.holds(said, prepared) else [Finding("SignatureBroken", told.field)]
        read = judge.read_evidence(said.crls, ())
        place = manifest.field(told.field)
        made = Made(
            kind=self.kind,
            field=told.field,
            own=said.own,
            others=said.others,
            algorithm="sm2-sm3",
            token=said.token,
            signature=said.signature,
            statement=statements.read(told.reason, place.role if place is not None else "member"),
        )
        both = Evidence(read.crls + evidence.crls, read.answers + evidence.answers, read.unread)
        return judged.judge(made, place, before, trusted, both)


def _read_all(raws: tuple[bytes, ...]) -> list[Certificate]:
    found = [certificate.read(raw) for raw in raws]
    return [one for one in found if not isinstance(one, Refusal)]
