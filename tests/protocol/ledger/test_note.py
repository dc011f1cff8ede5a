"""Signed notes: Go's and C2SP's own vectors, every way in which a note is out of form, our SM2 lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.ledger import kinds, note
from protocol.ledger.kinds import COSIGNATURE, ED25519, SM2_COSIGNATURE
from protocol.ledger.note import NoteError
from protocol.seal import sm2

VECTORS = Path(__file__).parents[2] / "data" / "log"
GO: dict[str, Any] = json.loads((VECTORS / "signed_note_go_sumdb.json").read_text())
C2SP: dict[str, Any] = json.loads((VECTORS / "c2sp_spec_examples.json").read_text())
PETER, ENOCH = GO["vkeys"]["PeterNeumann"], GO["vkeys"]["EnochRoot"]
PETER_LINE, ENOCH_LINE, TEXT = GO["peter_sig_line"], GO["enoch_sig_line"], GO["text"]
NOTE = TEXT + "\n" + PETER_LINE
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SM2 = sm2.PrivateKey(sm2.private_der(bytes(range(1, 33))))


@pytest.mark.parametrize("case", GO["open_ok"])
def test_gos_notes_open_as_go_says(case: dict[str, Any]) -> None:
    for text in (case["note"], case["note"].encode()):
        opened = note.open_note(text, [GO["vkeys"][name] for name in case["known"]])
        assert opened.text == TEXT
        assert [one.name for one in opened.verified] == case["verified"]
        assert [one.name for one in opened.unverified] == case["unverified"]
        assert "".join(one.line for one in opened.verified) in case["note"]


def test_gos_private_key_signs_the_bytes_that_go_signs() -> None:
    assert note.sign_note(GO["sign_expect"]["text"], GO["skey_peter"]) == GO["sign_expect"]["note"]


def test_the_example_of_the_specification_verifies() -> None:
    example = C2SP["signed_note"]
    assert note.open_note(example["note"], example["vkey"]).text == "This is an example message.\n"


def test_keys_are_read_and_written_as_the_same_text() -> None:
    for text in (PETER, ENOCH, C2SP["signed_note"]["vkey"]):
        assert note.read_vkey(text).vkey == text
    key = note.read_vkey(PETER)
    assert note.vkey(key.name, key.public) == PETER
    assert note.vkey(key.name, PRIVATE.public_key()) == note.vkey(
        key.name, PRIVATE.public_key().public_bytes_raw()
    )


def test_a_key_of_another_kind_has_another_id() -> None:
    public = PRIVATE.public_key()
    texts = {note.vkey("a.example", public, kind) for kind in (ED25519, COSIGNATURE)}
    assert len({note.read_vkey(text).key_id for text in texts}) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("c74f20a3", "C74F20A3"),
        PETER.replace("c74f20a3", "c74f20a"),
        PETER[:-1],
        PETER + "=",
        PETER.replace("PeterNeumann", "Peter Neumann"),
        PETER.replace("PeterNeumann", ""),
        PETER.replace("ARpc", "ABpc"),
        PETER.replace("ARpc", "Ahpc"),  # 0x02, ECDSA: not known here
        "a+b" + PETER,
        GO["skey_peter"],
    ],
)
def test_a_key_out_of_form_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        note.read_vkey(text)
    with pytest.raises(NoteError):
        note.open_note(NOTE, [PETER, text])


WRONG = {
    "nothing": "",
    "no signatures": TEXT,
    "no empty line": TEXT + PETER_LINE,
    "an empty line and no signature": TEXT + "\n",
    "cut short by its line feed": NOTE[:-1],
    "a hyphen for the dash": TEXT + "\n" + PETER_LINE.replace("—", "-"),
    "no dash": TEXT + "\n" + PETER_LINE[2:],
    "no space after the dash": TEXT + "\n" + PETER_LINE.replace("— ", "—"),
    "no name": TEXT + "\n" + PETER_LINE.replace("PeterNeumann", ""),
    "a plus sign in a name": NOTE + ENOCH_LINE.replace("Enoch", "En+och"),
    "a Unicode space in a name": NOTE + ENOCH_LINE.replace("Enoch", "En\u2003och"),
    "a space within the signature": NOTE + ENOCH_LINE.replace("rwz+", "rwz+ "),
    "no base64": NOTE + "— EnochRoot ????\n",
    "no padding": NOTE + ENOCH_LINE.replace("=\n", "\n"),
    "loose bits in base64": NOTE + ENOCH_LINE.replace("QQ=\n", "QR=\n"),
    "a key id and no more": NOTE + "— EnochRoot rwz+eA==\n",
    "text after the signatures": NOTE + "more\n",
    "an empty line after the signatures": NOTE + "\n",
    "a carriage return": NOTE.replace("\n", "\r\n"),
    "a tab": NOTE.replace(" ", "\t", 1),
    "a zero byte": "\x00" + NOTE,
    "another text": NOTE.replace("cryptography", "Cryptography"),
    "one more line of text": "more\n" + NOTE,
    "another signature": NOTE.replace("ZJku", "ZJkv"),
    "a second line of the key that fails": NOTE + PETER_LINE.replace("ZJku", "ZJkv"),
    "a signature cut short": TEXT + "\n— PeterNeumann x08go/ZJkg==\n",
    "only unknown keys": TEXT + "\n" + ENOCH_LINE,
    "the known name with another id": TEXT + "\n" + PETER_LINE.replace("x08go", "x08gp"),
    "the known id under another name": TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Peter"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_note_with_anything_wrong_is_refused(what: str) -> None:
    assert WRONG[what] != NOTE
    with pytest.raises(NoteError):
        note.open_note(WRONG[what], [PETER])


@pytest.mark.parametrize("text", [None, 7, b"\xff\xfe" + NOTE.encode(), "\ud800" + NOTE])
def test_what_is_no_text_at_all_is_refused(text: Any) -> None:
    with pytest.raises(NoteError):
        note.open_note(text, [PETER])


def test_a_known_key_that_fails_spoils_a_note_that_others_have_signed() -> None:
    spoilt = NOTE + ENOCH_LINE.replace("eBzm", "eBzn")
    assert note.open_note(spoilt, [PETER]).verified
    with pytest.raises(NoteError):
        note.open_note(spoilt, [PETER, ENOCH])


def test_a_text_with_empty_lines_is_cut_at_the_last_one() -> None:
    text = "a\n\n\nb\n\n"
    assert note.open_note(note.sign_note(text, GO["skey_peter"]), PETER).text == text


def test_as_many_lines_as_the_bound_are_taken_and_repeated_ones_are_told_once() -> None:
    strangers = "".join(f"— s{number} AAAAAAA=\n" for number in range(limits.NOTE_SIGNATURES_MAX - 2))
    opened = note.open_note(NOTE + PETER_LINE + strangers, [PETER, PETER])
    assert len(opened.verified) == 1
    assert len(opened.unverified) == limits.NOTE_SIGNATURES_MAX - 2
    with pytest.raises(NoteError):
        note.open_note(NOTE + PETER_LINE + strangers + ENOCH_LINE, [PETER])
    with pytest.raises(NoteError):
        note.open_note("a" * limits.NOTE_BYTES_MAX + NOTE, [PETER])


def test_without_a_known_key_nothing_is_believed() -> None:
    with pytest.raises(NoteError):
        note.open_note(NOTE, [])


def test_a_cosignature_has_the_published_message_and_carries_its_time() -> None:
    text = C2SP["cosigned_message_v1"].split("\n", 2)[2]
    signer = note.ed25519_signer("w.example", PRIVATE, COSIGNATURE)
    assert kinds.message(COSIGNATURE, "w.example", text, 1679315147).decode() == C2SP["cosigned_message_v1"]
    opened = note.open_note(note.sign_note(text, signer, 1679315147), signer.key.vkey)
    assert opened.verified[0].time_s == 1679315147
    assert len(opened.verified[0].raw) == 72
    with pytest.raises(NoteError):
        note.sign_note(text, signer)


def test_the_published_cosignature_has_the_time_it_is_said_to_have() -> None:
    example = C2SP["checkpoint_with_cosignature_parse_only"]
    _, lines = note.split(example["note"])
    cosigned = next(one for one in lines if one.name == example["cosigner"])
    assert int.from_bytes(cosigned.raw[:8]) == example["cosig_timestamp"]
    assert len(note.read_lines(C2SP["add_checkpoint_response_parse_only"])) == 3


def test_a_time_beyond_the_bound_or_another_time_is_refused() -> None:
    signer = note.ed25519_signer("w.example", PRIVATE, COSIGNATURE)
    line = note.sign_line(TEXT, signer, 5)
    for time_s in (4, 2**63, 2**64 - 1):
        raw = time_s.to_bytes(8) + line.raw[8:]
        forged = note.with_lines(TEXT, [note.Signature(line.name, line.key_id, raw)])
        with pytest.raises(NoteError):
            note.open_note(forged, signer.key.vkey)


def test_an_sm2_line_holds_for_its_text_time_and_name_alone() -> None:
    signer = note.sm2_signer("省.example/sm2", SM2)
    assert note.read_vkey(signer.key.vkey) == signer.key
    assert signer.key.kind == SM2_COSIGNATURE
    line = note.sign_line(TEXT, signer, 9)
    assert len(line.raw) == 72
    assert note.open_note(note.with_lines(TEXT, [line]), signer.key.vkey).verified[0].time_s == 9
    other = note.sm2_signer("other.example/sm2", SM2).key
    for text, raw, key in (
        ("x" + TEXT, line.raw, signer.key),
        (TEXT, (8).to_bytes(8) + line.raw[8:], signer.key),
        (TEXT, line.raw[:-1] + bytes([line.raw[-1] ^ 1]), signer.key),
        (TEXT, line.raw[:8] + bytes(64), signer.key),
        (TEXT, line.raw[:8] + b"\xff" * 64, signer.key),
        (TEXT, line.raw, other),
    ):
        forged = note.with_lines(text, [note.Signature(key.name, key.key_id, raw)])
        with pytest.raises(NoteError):
            note.open_note(forged, key)


def test_an_sm2_key_that_is_no_point_of_the_curve_is_refused() -> None:
    with pytest.raises(NoteError):
        note.vkey("a.example", b"\x04" + bytes(64), SM2_COSIGNATURE)


def test_a_text_that_could_not_be_opened_again_is_not_signed() -> None:
    for text in ("", "no line feed", "a\tb\n", "a\r\n", "\ud800\n"):
        with pytest.raises(NoteError):
            note.sign_note(text, GO["skey_peter"])
    with pytest.raises(NoteError):
        note.sign_note(TEXT, [])
    with pytest.raises(NoteError):
        note.read_skey(GO["skey_peter"].replace("c74f20a3", "c74f20a4"))


texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.just("\n")).map(lambda one: one + "\n")


@given(texts, st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
def test_whatever_is_signed_opens_again_with_every_signer_told(text: str, numbers: list[int]) -> None:
    signers = [
        note.ed25519_signer(f"s{number}", Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)))
        for number in numbers
    ]
    opened = note.open_note(note.sign_note(text, signers), [one.key for one in signers])
    assert opened.text == text
    assert [one.name for one in opened.verified] == [f"s{number}" for number in numbers]
    assert all(opened.by(one.key) is not None for one in signers)


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_any_flipped_byte_of_a_note_is_refused_or_takes_the_text_along_unchanged(at: int, flip: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[at] ^= flip
    with pytest.raises(NoteError):
        note.open_note(bytes(raw), [PETER])


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_noise_is_refused_and_nothing_else_is_raised(noise: str | bytes) -> None:
    with pytest.raises(NoteError):
        note.open_note(noise, [PETER])
