"""Two histories of one log: proved by what it has signed, by nothing else; and heads from elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.ledger import checkpoint, fork, kinds, note, peer_heads, tiles
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.cosigner import Answer, Cosigner, History, Keep
from protocol.ledger.fork import Fork
from protocol.ledger.levels import Levels
from protocol.ledger.note import NoteError
from protocol.ledger.peer_heads import Unproved
from protocol.ledger.tree import EMPTY_ROOT, ProofError
from tests.protocol.ledger.asking import (
    LOG,
    ONE,
    ORIGIN,
    OTHER,
    OWN,
    STRANGER,
    ask,
    grown_to,
    head,
    new,
    private,
    sign,
)

# --- two histories ------------------------------------------------------------------------------------------


def _found(own: Cosigner, body: bytes) -> Fork:
    answer = own.consider(body, 1)
    assert isinstance(answer, Answer)
    assert answer.fork is not None
    return answer.fork


def test_a_head_of_the_same_size_with_another_root_is_the_proof_and_stops_the_cosigner() -> None:
    own = grown_to(9)
    found = _found(own, ask(9, 9, OTHER))
    assert {one.root for one in fork.verify(found, [LOG.key])} == {ONE.root(9), OTHER.root(9)}
    assert fork.read(found.raw) == found
    assert _found(grown_to(9), ask(0, 9, OTHER)) == found  # whatever else is wrong with the request
    own.histories[ORIGIN].stop(found)
    assert sign(own, ask(9, 12)).status == 422
    assert own.cosigned(ORIGIN) is not None


def test_an_earlier_head_of_another_history_is_the_proof_too() -> None:
    own = grown_to(9)
    assert sign(own, ask(9, 20)).status == 200
    found = _found(own, ask(0, 9, OTHER))
    fork.verify(found, [LOG.key])


def test_a_proof_alone_that_does_not_lead_there_stops_nobody() -> None:
    own = grown_to(9)
    answer = sign(own, ask(9, 20, OTHER))
    assert (answer.status, answer.fork) == (422, None)
    assert sign(own, ask(9, 20)).status == 200


def _between(size1: int, grown1: Levels, size2: int, grown2: Levels) -> Fork:
    return fork.of_tree(head(size1, grown1), head(size2, grown2), size1, size2, grown2.at)


@given(st.integers(7, 200), st.integers(1, 99))
def test_heads_of_different_sizes_are_proved_to_be_of_two_histories_by_the_hashes_of_one(
    size: int, more: int
) -> None:
    found = _between(size, ONE, size + more, OTHER)
    smaller, larger = fork.verify(fork.read(found.raw), [LOG.key])
    assert (smaller.size, larger.size) == (size, size + more)


def test_one_history_is_never_proved_to_be_two() -> None:
    for wrong in (
        _between(9, ONE, 20, ONE),
        _between(5, ONE, 20, OTHER),
        fork.of_equal(head(9), head(9)),
        Fork(1, head(9, OTHER), b"", (bytes(32),), head(9)),
        Fork(1, head(20), bytes(32), ONE.consistency(9, 20), head(9)),
        Fork(1, head(20), OTHER.root(9), ONE.consistency(9, 20), head(9)),
        Fork(1, head(20), b"", (), head(9)),
        Fork(1, head(9), ONE.root(9), ONE.consistency(9, 20), head(20)),
    ):
        with pytest.raises(ProofError):
            fork.verify(wrong, [LOG.key])


def test_heads_that_the_log_has_not_signed_prove_nothing_against_it() -> None:
    forged = checkpoint.sign(Checkpoint(ORIGIN, 9, OTHER.root(9)), STRANGER)
    elsewhere = note.ed25519_signer("bids.example/s-2", private(1))
    other_log = checkpoint.sign(Checkpoint("bids.example/s-2", 9, OTHER.root(9)), elsewhere)
    for wrong in (fork.of_equal(head(9), forged), fork.of_equal(head(9), other_log)):
        with pytest.raises(NoteError):
            fork.verify(wrong, [LOG.key, elsewhere.key])
    history = History((LOG.key,))
    with pytest.raises(NoteError):
        history.stop(fork.of_equal(head(9), forged))
    assert history.fork is None


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b" ",
        lambda raw: raw.replace(b'"fork":1', b'"fork":2'),
        lambda raw: raw.replace(b'"proof":[]', b'"more":1,"proof":[]'),
        lambda raw: raw.replace(b'"proof":[]', b'"proof":[' + b",".join([b'""'] * 64) + b"]"),
        lambda _: b"x" * (limits.FORK_BYTES_MAX + 1),
        lambda _: b"\xff",
    ],
)
def test_a_proof_out_of_form_is_refused(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(NoteError):
        fork.read(change(fork.of_equal(head(9), head(9, OTHER)).raw))


# --- heads from elsewhere -----------------------------------------------------------------------------------


def _cosigned(size: int, grown: Levels, *signers: note.Signer) -> str:
    text = note.split(head(size, grown))[0]
    return head(size, grown) + "".join(note.sign_line(text, one, 500).line for one in signers)


PEER = note.ed25519_signer("nanjing.example/cosigner", private(5), kinds.COSIGNATURE)


def test_a_cosigner_set_back_remembers_by_its_own_signature_how_far_it_had_signed() -> None:
    own = grown_to(5)
    history = own.histories[ORIGIN]
    memory = peer_heads.weigh(history, own.keys, _cosigned(20, ONE, PEER, OWN))
    assert isinstance(memory, Keep)
    assert (memory.size, memory.time_s, memory.checkpoint) == (20, 500, head(20))
    history.hold(memory)
    assert sign(own, ask(5, 9, OTHER)).status == 409
    assert sign(own, ask(20, 25), 400).status == 200
    last = own.histories[ORIGIN].last
    assert last is not None
    assert last.time_s == 500


def test_without_anything_held_a_peers_head_is_where_it_begins() -> None:
    own = new()
    memory = peer_heads.weigh(own.histories[ORIGIN], own.keys, _cosigned(20, ONE, PEER))
    assert isinstance(memory, Keep)
    assert (memory.size, memory.time_s) == (20, 1)
    own = new()
    assert sign(own, ask(0, 0)).status == 200
    assert isinstance(peer_heads.weigh(own.histories[ORIGIN], own.keys, _cosigned(20, ONE, PEER)), Keep)
    assert peer_heads.weigh(own.histories[ORIGIN], own.keys, _cosigned(0, ONE, PEER)) is None


def test_a_peers_head_of_another_size_waits_for_its_proof() -> None:
    own = grown_to(9)
    history = own.histories[ORIGIN]
    for size, grown, expected in ((20, ONE, None), (20, OTHER, Fork), (7, ONE, None), (7, OTHER, Fork)):
        pair = peer_heads.weigh(history, own.keys, _cosigned(size, grown, PEER))
        assert isinstance(pair, Unproved)
        assert (pair.smaller.size, pair.larger.size) == (min(size, 9), max(size, 9))
        larger = grown if size == 20 else ONE
        at = tiles.hashes_in(
            {
                tile: tiles.cut(larger, tile)
                for tile in tiles.wanted_for_consistency(pair.smaller.size, pair.larger.size)
            }
        )
        decided = peer_heads.resolve(pair, at)
        if expected is None:
            assert decided is None
        else:
            assert isinstance(decided, Fork)
            fork.verify(decided, [LOG.key])
        with pytest.raises(ProofError):
            peer_heads.resolve(pair, (OTHER if larger is ONE else ONE).at)


def test_a_peers_head_that_is_held_already_is_nothing_new_or_the_proof() -> None:
    own = grown_to(9)
    history = own.histories[ORIGIN]
    assert peer_heads.weigh(history, own.keys, _cosigned(9, ONE, PEER)) is None
    assert isinstance(peer_heads.weigh(history, own.keys, _cosigned(9, OTHER, PEER)), Fork)


def test_a_peers_head_without_the_logs_line_or_with_a_false_one_of_our_own_is_refused() -> None:
    own = grown_to(9)
    bare = note.with_lines(note.split(head(20))[0], [note.sign_line(note.split(head(20))[0], PEER, 5)])
    false = note.sign_line(note.split(head(21))[0], OWN, 5).line
    for text in (bare, head(20) + false):
        with pytest.raises(NoteError):
            peer_heads.weigh(own.histories[ORIGIN], own.keys, text)


def test_the_empty_root_is_the_one_of_nothing() -> None:
    assert ONE.root(0) == EMPTY_ROOT
