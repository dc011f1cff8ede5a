"""What a forger who holds every key may do to the report as it was signed (SPEC 26.1, 7a and 7b; 26.3).

Every digest that the record names is made anew after each change: what tells is what a signature says.
"""

import random

from tests.attacks.forged_archive import b64
from tests.attacks.forged_paper import BARE, Paper, put
from tests.attacks.forged_sealed import ForgedSealed, authorities, issued
from tests.attacks.forging import DAY_MS, EXPECTED, Sealed, expects

_EARLIER = frozenset(EXPECTED)


def _seat(dice: random.Random, of: ForgedSealed, beside: bool | None = None) -> str:
    """One who signed the report: beside it, in it, or either way."""
    found: list[str] = [
        of.event(at, "PaperSigned")["seat"] for at in of.places("SignPaper")
        if beside in (None, of.entries[at]["command"]["content"]["beside"])
    ]  # fmt: skip
    return dice.choice(found)


def _province(of: ForgedSealed, seat: str) -> str:
    beside = next(
        of.entries[at]["command"]["content"]["beside"] for at in of.places("SignPaper")
        if of.event(at, "PaperSigned")["seat"] == seat
    )  # fmt: skip
    return "shanghai" if beside else "jiangsu"


@expects("SignatureBroken")
def paper_changed_byte(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(flipped=_seat(dice, of, beside=False)))
    return "a signed report with a changed byte"


@expects("SignatureMissing")
def paper_signature_removed(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(unsigned=_seat(dice, of, beside=False)))
    return "a signed report without a signature that it had"


@expects("AnnexSwapped")
def paper_annex_swapped(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(embedded=(b"%PDF-1.7 another dissent " + dice.randbytes(4),)))
    return "a signed report with another annex than its manifest names"


@expects("SignatureBroken")
def paper_annex_swapped_throughout(dice: random.Random, of: ForgedSealed) -> str:
    """The manifest follows; who signed beside the report had signed the other one."""
    put(of, Paper(seal_digest=_seat(dice, of, beside=True)))
    return "a signature beside another prepared report"


@expects("AnnexMissing", "AnnexAdded")
def paper_annexes_otherwise(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(embedded=() if dice.random() < 0.5 else (Paper().annex, b"%PDF-1.7 one more")))
    return "an annex taken out or put in"


@expects("SignerAnother")
def paper_signed_by_another_certificate(dice: random.Random, of: ForgedSealed) -> str:
    """Another certificate of the same person's name than the one that the record shows."""
    seat = _seat(dice, of)
    name = f"person {seat}"
    put(of, Paper(holders={seat: issued(of.folder, _province(of, seat), name, "sign", of.began_ms, 300)}))
    return "a report signed by another certificate than the record's"


@expects("SignerAnother")
def paper_signed_by_another_person(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(persons={_seat(dice, of): "somebody else"}))
    return "a place signed by another person than it is for"


@expects("SignerNotTrusted")
def paper_signer_not_trusted(dice: random.Random, of: ForgedSealed) -> str:
    seat = _seat(dice, of)
    province, name = _province(of, seat), f"person {seat}"
    match dice.randrange(4):
        case 0:
            held = issued(of.folder, province, name, "sign", of.began_ms - 400 * DAY_MS, 300)
        case 1:
            held = issued(authorities(of.began_ms - DAY_MS), province, name, "sign", of.began_ms)
        case 2:
            held = issued(of.folder, province, name, "encrypt", of.began_ms)
        case _:
            held = issued(of.folder, province, name, "sign", of.began_ms, 200)
            of.revoked.append((held.certificate, of.began_ms))
    put(of, Paper(shown={seat: held}))
    return "a report signed by a certificate that did not count"


@expects("StampMissing")
def paper_without_stamp(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(unstamped=_seat(dice, of)))
    return "a signature without a time-stamp"


@expects("StampBroken")
def paper_stamped_otherwise(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(misstamped=_seat(dice, of)))
    return "a signature whose time-stamp is over something else"


@expects("StampNotTrusted")
def paper_stamped_by_a_stranger(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(stamped_by={_seat(dice, of): authorities(of.began_ms - DAY_MS)}))
    return "a signature that nobody's authority stamped"


@expects("SignatureForeign")
def paper_signature_elsewhere(dice: random.Random, of: ForgedSealed) -> str:
    if dice.random() < 0.5:
        put(of, Paper(doubled=_seat(dice, of, beside=False)))
        return "two signatures where the record has one"
    put(of, Paper(fields={_seat(dice, of, beside=True): "member-M9"}))
    return "a signature for another place"


@expects("SignatureBroken")
def paper_signature_with_a_gap(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper(gap=_seat(dice, of, beside=False)))
    return "a signature that leaves out more than itself"


@expects("SealUnreadable")
def paper_seal_unreadable(dice: random.Random, of: ForgedSealed) -> str:
    raw = b"0\x82" + dice.randbytes(40) if dice.random() < 0.5 else b"\x30\x80" * 2_000
    put(of, Paper(seal_raw={_seat(dice, of, beside=True): raw}))
    return "a signature beside the report that is none"


@expects("ReportNotPrepared", "ReportChanged", "ReportForeign")
def paper_prepared_otherwise(dice: random.Random, of: ForgedSealed) -> str:
    match dice.randrange(4):
        case 0:
            paper = Paper(manifests=dice.choice((0, 2)))
        case 1:
            paper = Paper(manifest={"report": {"bytes": len(BARE), "digest": b64(dice.randbytes(32))}})
        case 2:
            paper = Paper(manifest={"fields": [{"person": "", "role": "member", "seat": "M1"}]})
        case _:
            paper = Paper(manifest={"v": "1"})
    put(of, paper)
    return "a report whose manifest is not its own"


@expects("ReportFalse")
def paper_of_another_record(dice: random.Random, of: ForgedSealed) -> str:
    put(of, Paper())
    name = dice.choice(sorted(one for one in of.others if one.startswith("signed/")))
    raw = bytearray(of.others[name])
    raw[dice.randrange(len(raw))] ^= 1
    of.others[name] = bytes(raw)
    return "a signed file that is not the record's"


PAPER: tuple[Sealed, ...] = tuple(one for one in EXPECTED if one not in _EARLIER)
