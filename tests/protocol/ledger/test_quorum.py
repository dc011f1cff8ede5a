"""Checkpoints and trust policies: forms, quorums of every shape, lines that are required, negative cases."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from protocol.ledger import checkpoint, note, quorum
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.kinds import COSIGNATURE
from protocol.ledger.note import NoteError, Signer
from protocol.ledger.quorum import NotEnough, Policy, PolicyError
from protocol.seal import sm2

C2SP: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "log" / "c2sp_spec_examples.json").read_text()
)
HEAD = Checkpoint("bids.example/s-1", 70_000, bytes(range(32)))


def _private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


LOG = note.ed25519_signer(HEAD.origin, _private(200))
COSIGNERS = [note.ed25519_signer(f"w{number}.example", _private(number), COSIGNATURE) for number in range(6)]
SM2 = note.sm2_signer("w0.example/sm2", sm2.PrivateKey(sm2.private_der(bytes(range(1, 33)))))
LINES = f"log {LOG.key.vkey}\n" + "".join(
    f"witness w{number} {one.key.vkey}\n" for number, one in enumerate(COSIGNERS)
)


def _policy(rest: str) -> Policy:
    return quorum.read(LINES + rest)


def _signed(*signers: Signer, head: Checkpoint = HEAD) -> str:
    return checkpoint.sign(head, signers, 1_700_000_000)


# --- checkpoints --------------------------------------------------------------------------------------------


def test_the_published_checkpoint_is_read_and_written_as_the_same_text() -> None:
    example = C2SP["checkpoint_with_cosignature_parse_only"]
    text, _ = note.split(example["note"])
    head = checkpoint.read(text)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", example["size"])
    assert head.text == text


ROOT = HEAD.text.split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "a\n1\n",
        f"\n1\n{ROOT}\n",
        f"a\n1\n{ROOT}",
        f"a\n01\n{ROOT}\n",
        f"a\n+1\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n１\n{ROOT}\n",
        f"a\n{2**64}\n{ROOT}\n",
        f"a\n\n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT[4:]}\n",
        f"a\n1\n{ROOT} \n",
        f"a\n1\n{ROOT}\n\nb\n",
    ],
)
def test_a_checkpoint_out_of_form_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        checkpoint.read(text)


def test_a_checkpoint_with_extensions_keeps_them() -> None:
    head = checkpoint.read(HEAD.text + "more\n")
    assert head.extensions == ("more",)
    assert head.text == HEAD.text + "more\n"


def test_a_checkpoint_is_its_own_logs_and_no_other_keys() -> None:
    other = note.ed25519_signer("other.example", _private(201))
    namesake = note.ed25519_signer(HEAD.origin, _private(7), COSIGNATURE)
    head, _ = checkpoint.open_checkpoint(_signed(LOG, other), [LOG.key, other.key])
    assert head == HEAD
    for signer in (other, namesake):
        with pytest.raises(NoteError):
            checkpoint.open_checkpoint(_signed(signer), [LOG.key, other.key], [namesake.key])


def test_a_head_whose_lines_break_is_not_signed() -> None:
    with pytest.raises(NoteError):
        checkpoint.sign(Checkpoint("a\nb", 1, bytes(32)), LOG)


# --- quorums ------------------------------------------------------------------------------------------------


def _met(rest: str) -> set[tuple[int, ...]]:
    """Every subset of the first four cosigners that is a quorum."""
    policy = _policy(rest)
    return {
        chosen
        for count in range(5)
        for chosen in itertools.combinations(range(4), count)
        if policy.is_met(f"w{number}" for number in chosen)
    }


def _subsets(keep: Any) -> set[tuple[int, ...]]:
    return {
        chosen
        for count in range(5)
        for chosen in itertools.combinations(range(4), count)
        if keep(set(chosen))
    }


def test_each_form_of_quorum_is_met_by_the_subsets_it_says() -> None:
    assert _met("quorum none\n") == _subsets(lambda _: True)
    assert _met("quorum w2\n") == _subsets(lambda chosen: 2 in chosen)
    assert _met("group g all w0 w1 w2\nquorum g\n") == _subsets(lambda chosen: {0, 1, 2} <= chosen)
    assert _met("group g any w0 w1\nquorum g\n") == _subsets(lambda chosen: chosen & {0, 1})
    assert _met("group g 2 w0 w1 w2\nquorum g\n") == _subsets(lambda chosen: len(chosen & {0, 1, 2}) >= 2)


def test_groups_within_groups_are_judged_from_the_inside() -> None:
    rest = "group x 2 w0 w1 w2\ngroup y any w3 w4\ngroup both all x y\nquorum both\n"
    assert _met(rest) == _subsets(lambda chosen: len(chosen & {0, 1, 2}) >= 2 and 3 in chosen)
    either = "group x all w0 w1\ngroup y all w2 w3\ngroup e any x y\nquorum e\n"
    assert _met(either) == _subsets(lambda chosen: {0, 1} <= chosen or {2, 3} <= chosen)


def test_a_name_of_nobody_and_a_groups_own_name_count_for_nothing() -> None:
    policy = _policy("group g 2 w0 w1 w2\nquorum g\n")
    assert not policy.is_met(["w0", "stranger"])
    assert not policy.is_met(["g"])


def test_a_checkpoint_is_judged_by_who_has_verifiably_cosigned_it() -> None:
    policy = _policy("group g 2 w0 w1 w2\nquorum g\n")
    judged = quorum.judge(_signed(LOG, COSIGNERS[2], COSIGNERS[0]), policy)
    assert judged.head == HEAD
    assert judged.cosigned == ("w0", "w2")
    with pytest.raises(NotEnough) as refused:
        quorum.judge(_signed(LOG, COSIGNERS[1], COSIGNERS[5]), policy)
    assert refused.value.missing == ("w0", "w2", "w3", "w4")
    assert quorum.look(_signed(LOG, COSIGNERS[1]), policy).cosigned == ("w1",)


def test_one_cosigner_is_one_vote_however_often_it_signs() -> None:
    policy = _policy("group g 2 w0 w1\nquorum g\n")
    twice = _signed(LOG, COSIGNERS[0]) + note.sign_line(HEAD.text, COSIGNERS[0], 1_700_000_001).line
    with pytest.raises(NotEnough):
        quorum.judge(twice, policy)


def test_cosignatures_without_the_logs_own_or_over_another_head_are_refused() -> None:
    policy = _policy("quorum w0\n")
    with pytest.raises(NoteError):
        quorum.judge(_signed(COSIGNERS[0]), policy)
    other = Checkpoint(HEAD.origin, HEAD.size + 1, HEAD.root)
    stray = note.sign_line(other.text, COSIGNERS[0], 5)
    with pytest.raises(NoteError):
        quorum.judge(_signed(LOG) + stray.line, policy)


def test_an_sm2_line_that_the_policy_requires_may_not_be_missing() -> None:
    rest = f"witness w0-sm2 {SM2.key.vkey}\ngroup first all w0 w0-sm2\ngroup g 2 first w1 w2\nquorum g\n"
    policy = _policy(rest)
    assert quorum.judge(_signed(LOG, COSIGNERS[0], SM2, COSIGNERS[1]), policy).cosigned == (
        "w0",
        "w1",
        "w0-sm2",
    )
    with pytest.raises(NotEnough) as refused:
        quorum.judge(_signed(LOG, COSIGNERS[0], COSIGNERS[1]), policy)
    assert "w0-sm2" in refused.value.missing
    broken = _signed(LOG, COSIGNERS[0], COSIGNERS[1], COSIGNERS[2])
    bad = note.sign_line(HEAD.text, SM2, 5)
    raw = bad.raw[:-1] + bytes([bad.raw[-1] ^ 1])
    with pytest.raises(NoteError):
        quorum.judge(broken + note.Signature(bad.name, bad.key_id, raw).line, policy)


# --- the text of a policy -----------------------------------------------------------------------------------

W6 = note.ed25519_signer("w6.example", _private(66), COSIGNATURE).key.vkey


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "quorum w9\n",
        "quorum w0\nquorum w0\n",
        "quorum\n",
        "quorum w0 w1\n",
        "group g all\nquorum g\n",
        "group g 0 w0\nquorum g\n",
        "group g 3 w0 w1\nquorum g\n",
        "group g 01 w0\nquorum g\n",
        "group g most w0\nquorum g\n",
        "group g -1 w0\nquorum g\n",
        "group g all none\nquorum g\n",
        "group g all w0 w0\nquorum g\n",
        "group g all w0\ngroup h all w0\nquorum g\n",
        "group g all h\ngroup h all w0\nquorum g\n",
        "group g all g\nquorum g\n",
        "group w1 all w0\nquorum w1\n",
        "group none all w0\nquorum none\n",
        "quorum g\ngroup g all w0\n",
        f"witness w0 {W6}\nquorum w0\n",
        f"witness none {W6}\nquorum none\n",
        f"witness w6 {COSIGNERS[0].key.vkey}\nquorum w0\n",
        f"witness w6 {note.vkey('w6.example', _private(66).public_key())}\nquorum w0\n",
        f"witness w6 {W6} https://w6.example/ more\nquorum w0\n",
        "witness w6 w6.example+00000000+AAAA\nquorum w0\n",
        f"log {LOG.key.vkey}\nquorum w0\n",
        "log\nquorum w0\n",
        "Quorum w0\n",
        "quorum w0",
        "quorum w0\r\n",
        "quorum w0\x00\n",
        "quorum w0 # enough\n",
        "quorum\u00a0w0\n",
    ],
)
def test_a_policy_out_of_form_is_refused(rest: str) -> None:
    with pytest.raises(PolicyError):
        _policy(rest)


def test_blanks_remarks_and_urls_are_read_and_names_are_opaque() -> None:
    raw = f"# 江苏\n\n \t log\t{LOG.key.vkey}  https://log.example/ \n".encode()
    raw += b"witness \xff\xfe" + f" {W6} https://w6.example/submit\n quorum ".encode() + b"\xff\xfe\n"
    policy = quorum.read(raw)
    assert policy.logs[0].url == "https://log.example/"
    assert policy.cosigners[0].url == "https://w6.example/submit"
    assert policy.quorum == policy.cosigners[0].name
    assert quorum.write(policy).encode("utf-8", "surrogateescape") == b"\n".join(
        [
            f"log {LOG.key.vkey} https://log.example/".encode(),
            b"witness \xff\xfe " + f"{W6} https://w6.example/submit".encode(),
            b"quorum \xff\xfe\n",
        ]
    )


def test_a_policy_is_read_from_text_and_bytes_alike_and_written_as_it_was_read() -> None:
    rest = "group x 2 w0 w1 w2\ngroup y 1 w3 w4\ngroup both 2 x y\nquorum both\n"
    policy = _policy(rest)
    assert quorum.read((LINES + rest).encode()) == policy
    assert quorum.write(policy) == LINES + rest
    assert quorum.read(quorum.write(policy, {"x": "三方之二"})) == policy


shapes = st.recursive(
    st.just(None),
    lambda inner: st.tuples(st.integers(0, 9), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=6,
)


@given(shapes, st.sets(st.integers(0, 5)))
def test_any_nest_of_groups_is_met_as_a_walk_down_from_its_top_says(shape: Any, chosen: set[int]) -> None:
    lines: list[str] = []
    free = iter(range(6))

    def build(part: Any) -> tuple[str, bool]:
        if part is None:
            number = next(free)
            return f"w{number}", number in chosen
        members = [build(one) for one in part[1]]
        least = part[0] % len(members) + 1
        name = f"g{len(lines)}"
        lines.append(f"group {name} {least} {' '.join(name for name, _ in members)}\n")
        return name, sum(met for _, met in members) >= least

    name, expected = build(shape)
    policy = _policy("".join(lines) + f"quorum {name}\n")
    assert policy.is_met(f"w{number}" for number in chosen) == expected
