"""The installation: certificates that verify, private files, and a second start that changes nothing."""

import json
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import verification

from ops import certificates, configuring, installation, senses
from ops.installation import DEFAULT_PLACES, Installation, Place
from ops.processes import parts
from ops.senses import Dice
from ops.trouble import Trouble
from protocol.seal import signing

DAY_MS = 86_400_000
JINAN = Place("jinan", "济南", "Jinan", "shandong", "main")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return installation.ensure(tmp_path_factory.mktemp("data") / "new", now_ms=senses.now_ms())


def _snapshot(data: Path) -> dict[str, bytes]:
    return {str(p.relative_to(data)): p.read_bytes() for p in sorted(data.rglob("*")) if p.is_file()}


def _leaf(made: Installation, process: str) -> x509.Certificate:
    return certificates.read_certificate(made.config(process).parent / "cert.pem")


def test_every_certificate_verifies_under_the_installations_authority_as_server_and_client(
    made: Installation,
) -> None:
    authority = certificates.read_certificate(made.data / "ca" / "ca.pem")
    store = verification.Store([authority])
    for process in ("coordinator", *(place.node for place in DEFAULT_PLACES)):
        name = x509.DNSName(f"{process}.localhost")
        leaf = _leaf(made, process)
        assert verification.PolicyBuilder().store(store).build_server_verifier(name).verify(leaf, [])
        client = verification.PolicyBuilder().store(store).build_client_verifier().verify(leaf, [])
        assert client.subjects == [name]
        other = x509.DNSName("elsewhere.localhost")
        elsewhere = verification.PolicyBuilder().store(store).build_server_verifier(other)
        with pytest.raises(verification.VerificationError):
            elsewhere.verify(leaf, [])


def test_a_strict_tls_context_takes_each_certificate_with_its_key(made: Installation) -> None:
    for process in ("coordinator", "hefei", "hangzhou"):
        folder = made.config(process).parent
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        context.load_verify_locations(made.data / "ca" / "ca.pem")


def test_nothing_but_certificates_is_readable_by_others(made: Installation) -> None:
    for path in made.data.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = 0o700 if path.is_dir() else 0o644 if path.name in ("ca.pem", "cert.pem") else 0o600
        assert mode == wanted, path


def test_each_process_is_told_the_keys_of_the_others(made: Installation) -> None:
    coordinator = json.loads(made.config("coordinator").read_text())
    own = certificates.read_signing_key(made.data / "coordinator" / "installation.key")
    for place, told in zip(DEFAULT_PLACES, coordinator["nodes"], strict=True):
        node = json.loads(made.config(place.node).read_text())
        key = certificates.read_signing_key(Path(node["node_key"]))
        assert told["node"] == place.node
        assert told["key"] == signing.public_text(key)
        assert node["installation_key"] == signing.public_text(own)
        assert node["http_name"] == f"{place.node}.localhost"
    agent = certificates.read_signing_key(made.people / "agent.key")
    assert coordinator["agent_keys"] == [signing.public_text(agent)]
    assert [node.url for node in made.nodes][:2] == [
        "http://hefei.localhost:7710/", "http://shanghai.localhost:7711/",
    ]  # fmt: skip


def test_a_second_start_changes_no_byte_and_keeps_the_ports(tmp_path: Path) -> None:
    first = installation.ensure(tmp_path, now_ms=senses.now_ms(), ports_from=7800)
    before = _snapshot(tmp_path)
    assert installation.ensure(tmp_path, now_ms=senses.now_ms() + DAY_MS) == first
    assert _snapshot(tmp_path) == before
    assert installation.find(tmp_path) == first


def test_a_certificate_near_its_end_is_renewed_and_the_signing_keys_stay(tmp_path: Path) -> None:
    now = senses.now_ms()
    made = installation.ensure(tmp_path, now_ms=now)
    old, before = _leaf(made, "nanjing"), _snapshot(tmp_path)
    later = now + (certificates.CERTIFICATE_DAYS - certificates.RENEW_DAYS) * DAY_MS
    installation.ensure(tmp_path, now_ms=later)
    after = _snapshot(tmp_path)
    assert certificates.days_left(_leaf(made, "nanjing"), later) > 300
    assert _leaf(made, "nanjing").serial_number != old.serial_number
    changed = {Path(name).name for name in before if after[name] != before[name]}
    assert changed == {"cert.pem", "key.pem"}


def test_a_key_that_does_not_belong_to_its_certificate_is_made_anew(tmp_path: Path) -> None:
    made = installation.ensure(tmp_path, now_ms=senses.now_ms())
    shanghai, nanjing = made.config("shanghai").parent, made.config("nanjing").parent
    (shanghai / "key.pem").write_bytes((nanjing / "key.pem").read_bytes())
    installation.ensure(tmp_path, now_ms=senses.now_ms())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shanghai / "cert.pem", shanghai / "key.pem")


def test_a_case_with_other_venues_adds_nodes_and_leaves_the_old_ones_where_they_are(tmp_path: Path) -> None:
    installation.ensure(tmp_path, now_ms=senses.now_ms())
    more = installation.ensure(tmp_path, now_ms=senses.now_ms(), places=(JINAN,))
    assert [node.place.node for node in more.nodes] == ["hefei", "shanghai", "nanjing", "hangzhou", "jinan"]
    assert more.node("jinan").port == 7714
    with pytest.raises(KeyError):
        more.node("beijing")


def test_no_main_venue_and_no_installation_are_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as missing:
        installation.find(tmp_path)
    assert "ops/run" in missing.value.zh
    with pytest.raises(Trouble) as no_host:
        installation.ensure(tmp_path, now_ms=senses.now_ms(), places=DEFAULT_PLACES[1:])
    assert "主场" in no_host.value.zh


def test_damaged_files_are_named(tmp_path: Path) -> None:
    installation.ensure(tmp_path, now_ms=senses.now_ms())
    (tmp_path / "people" / "agent.key").write_text("nonsense")
    with pytest.raises(Trouble) as damaged:
        installation.ensure(tmp_path, now_ms=senses.now_ms())
    assert "agent.key" in damaged.value.zh
    (tmp_path / "installation.json").write_text("{")
    with pytest.raises(Trouble) as unread:
        installation.find(tmp_path)
    assert "installation.json" in unread.value.en


def test_codes_have_no_look_alikes_and_are_not_repeated() -> None:
    codes = {installation.new_code(Dice()) for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert len(code) == 11
        assert set(code) <= set(configuring.CODE_LETTERS + "-")
    assert not set("01ILO") & set(configuring.CODE_LETTERS)


@pytest.mark.parametrize(("coordinators", "cosigners", "media"), [(1, True, 2), (4, False, 0)])
def test_no_two_listeners_of_an_installation_take_the_same_port(
    tmp_path: Path, coordinators: int, cosigners: bool, media: int
) -> None:
    """Nor does the landing page, or the demonstration authorities: they listen in the command itself."""
    shape = installation.Shape(
        coordinators=coordinators, database="postgresql:///x" if coordinators > 1 else "",
        cosigners=cosigners, replays=cosigners, authorities=True, custodians=5, media_workers=media,
    )  # fmt: skip
    found = installation.ensure(tmp_path, now_ms=senses.now_ms(), shape=shape)
    taken = [found.landing_port, found.authorities_port]
    taken += [port for part in parts(found) for port in part.ports]
    taken += [found.node_port] if coordinators > 1 else []
    assert len(taken) == len(set(taken))
    assert found.authorities_port == max(taken)
