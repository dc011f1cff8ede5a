"""Cosigners in an installation: each told of log and peers, the coordinator of each, a policy of all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ops import backing, files, installation, policy, processes, senses
from ops.backing import Size
from ops.installation import DEFAULT_PLACES, Installation, Shape
from protocol.ledger import checkpoint, note, quorum, trust
from protocol.ledger.checkpoint import Checkpoint
from protocol.ledger.quorum import NotEnough
from server import config as server_config
from server.ledger import logs
from sub_venue import config as venue_config
from sub_venue.cosigner import assembly
from sub_venue.cosigner import settings as cosigner_settings

NAMES = [f"cosigner-{place.node}" for place in DEFAULT_PLACES]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    data = tmp_path_factory.mktemp("installed") / "data"
    return installation.ensure(data, now_ms=senses.now_ms(), shape=Shape(cosigners=True))


def test_each_cosigner_is_told_the_log_its_peers_and_a_port_of_its_own(made: Installation) -> None:
    told = {name: cosigner_settings.read(made.config(name)) for name in NAMES}
    held = {part.name: part for part in processes.parts(made)}
    taken = [port for part in held.values() for port in part.ports]
    assert len(set(taken)) == len(taken)
    coordinator = server_config.read(made.config("coordinator"))
    assert coordinator.log_key is not None
    public = logs.load(coordinator.log_key).public_key().public_bytes_raw()
    for name, own in told.items():
        assert held[name].ports == (own.http_port,)
        assert {peer.name for peer in own.peers} == set(NAMES) - {name}
        log = own.log_of(f"{coordinator.log_name}/s-1")
        assert log is not None
        (key,) = log.keys_of(f"{coordinator.log_name}/s-1")
        assert (key.name, key.public) == (f"{coordinator.log_name}/s-1", public)
        assert log.prefix_of(f"{coordinator.log_name}/s-1").endswith("/log/s-1")
        for stranger in (
            "s-1",
            coordinator.log_name,
            f"{coordinator.log_name}x/s-1",
            f"{coordinator.log_name}/",
        ):
            assert own.log_of(stranger) is None


def test_the_policy_is_met_by_more_than_two_thirds_of_the_cosigners_that_are_installed(
    made: Installation,
) -> None:
    read = quorum.read(policy.of(made.data, "s-1"))
    signers = [assembly.load_signers(cosigner_settings.read(made.config(name)))[0] for name in NAMES]
    assert [one.key for one in read.cosigners] == [one.key for one in signers]
    private = logs.load(made.data / "coordinator" / "log.key")
    log = note.ed25519_signer(read.logs[0].name, private)
    head = Checkpoint(log.key.name, 1, hashlib.sha256(b"").digest())
    quorum.judge(checkpoint.sign(head, [log, *signers[:3]], 1), read)
    with pytest.raises(NotEnough):
        quorum.judge(checkpoint.sign(head, [log, *signers[:2]], 1), read)


def test_made_again_nothing_changes_and_without_cosigners_the_coordinator_asks_nobody(
    made: Installation,
) -> None:
    before = {path: path.read_bytes() for path in made.data.rglob("*") if path.is_file()}
    shape = backing.shape(made.data, Size())
    assert installation.ensure(made.data, now_ms=senses.now_ms(), shape=shape) == made
    assert {path: path.read_bytes() for path in made.data.rglob("*") if path.is_file()} == before
    shape = backing.shape(made.data, Size(cosigners=False))
    without = installation.ensure(made.data, now_ms=senses.now_ms(), shape=shape)
    assert without.cosigners == {}
    assert server_config.read(without.config("coordinator")).cosigners == ()
    assert not any(part.name in NAMES for part in processes.parts(without))


def test_rules_that_ask_for_a_quorum_bring_their_cosigners_unless_the_operator_says_none(
    tmp_path: Path,
) -> None:
    assert not backing.shape(tmp_path, Size(), "3").cosigners
    assert backing.shape(tmp_path, Size(), "4").cosigners
    assert not backing.shape(tmp_path, Size(cosigners=False), "4").cosigners


def test_beside_the_main_venue_one_replays_with_a_key_of_its_own_and_shares_its_neighbours_vote(
    tmp_path: Path,
) -> None:
    found = installation.ensure(
        tmp_path / "data", now_ms=senses.now_ms(), shape=Shape(cosigners=True, replays=True)
    )
    replay = "cosigner-hefei-replay"
    told = {name: cosigner_settings.read(found.config(name)) for name in (*NAMES, replay)}
    assert {name: one.replays for name, one in told.items()} == {n: n == replay for n in told}
    own = told[replay]
    assert own.entries is not None
    assert own.entries.cert.exists()
    keys = {assembly.load_signers(one)[0].key.public for one in told.values()}
    assert len(keys) == len(told)
    # Each province's key is known to every cosigner, and held by one.
    provinces = {one.province.name: name for name, one in told.items() if one.province is not None}
    assert set(provinces) == {place.province for place in DEFAULT_PLACES}
    assert all(set(one.provinces) == set(provinces) for one in told.values())
    main = venue_config.read(found.config("hefei"))
    assert {one.province: one.key for one in main.provinces} == own.provinces
    # The installation's own settings are read back, and the policies name the same votes.
    coordinator = server_config.read(found.config("coordinator"))
    (asked,) = [one for one in coordinator.cosigners if one.name == "hefei-replay"]
    assert (asked.node, asked.beside, asked.certificate) == ("hefei", "hefei", f"{replay}.localhost")
    read = quorum.read(policy.of(found.data, "s-1"))
    assert read.is_met(("hefei", "hefei-replay", "nanjing", "shanghai"))
    assert not read.is_met(("hefei", "nanjing", "shanghai"))
    assert trust.text(trust.of_session(quorum.read((found.data / "trust.policy").read_bytes()), "s-1")) == (
        trust.text(read)
    )
    again = installation.ensure(found.data, now_ms=senses.now_ms(), shape=backing.shape(found.data, Size()))
    assert again == found
    assert server_config.read(found.config("coordinator")).cosigners == coordinator.cosigners


def test_who_waits_hard_is_said_by_hand_and_stays_so(tmp_path: Path) -> None:
    data = tmp_path / "data"
    found = installation.ensure(data, now_ms=senses.now_ms(), shape=Shape(cosigners=True))
    config = files.read_json(found.config("coordinator"))
    assert config is not None
    for one in config["cosigners"]:
        one["hard"] = one["name"] == "nanjing"
    files.write_json(found.config("coordinator"), config)
    installation.ensure(data, now_ms=senses.now_ms())
    read = quorum.read(policy.of(data, "s-1"))
    assert read.is_met(("hangzhou", "hefei", "nanjing"))
    assert not read.is_met(("hangzhou", "hefei", "shanghai"))


def test_a_cosigners_secrets_are_for_its_owner_alone(made: Installation) -> None:
    keys = list((made.data / "cosigners").rglob("cosigner.key"))
    assert len(keys) == len(NAMES)
    assert {Path(path).stat().st_mode & 0o777 for path in keys} == {0o600}
