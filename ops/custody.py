"""Custodians of an installation on disk: two keys, a certificate and a configuration for each (DESIGN 6).

Owns files that are made before a process starts, and what a tender document says of the custodians: the
sealing policy that bids are sealed under, and the groups that `AppointCustodians` names. Trading centres are
a group with a threshold, the tenderee is one of its own. Must not know processes.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ops import certificates, files
from ops.bids import reading
from ops.senses import Dice
from protocol.commands_ceremony import AppointCustodians, KeyGroup, Keyholder
from protocol.seal import signing, suites
from protocol.seal.dealing import Custodian, Group
from protocol.seal.refused import SealRefused
from protocol.seal.sealing import Policy
from protocol.seal.trust import certificate

FOLDER: Final = "custodians"
CENTRES: Final = "centres"
TENDEREE: Final = "tenderee"
TENDEREE_KEY: Final = "tenderee-key"
"""The service that holds the tenderee's share; no seat is called so."""
SUITE: Final = "gm-1"
_TRIES_MAX: Final = 8
PROJECTS: Final = "projects"
"""The tenders that the services of an installation were told of, one a line, beside their folders."""


def names(centres: int) -> tuple[str, ...]:
    """The services of so many trading centres, and the tenderee's; none for none.

    >>> names(2)
    ('centre-1', 'centre-2', 'tenderee-key')
    """
    return (*(f"centre-{at}" for at in range(1, centres + 1)), TENDEREE_KEY) if centres else ()


def ensure(
    ports: Mapping[str, int], config_of: Callable[[str], Path], authority: Path, now_ms: int
) -> list[dict[str, Any]]:
    """Make what is missing of these custodians; what the coordinator's configuration says of them.

    Args:
      ports: custodian → where its service listens.
      config_of: where a process's configuration lies; keys and certificate lie beside it.
      authority: the installation's CA.
      now_ms: the clock, for certificates.

    Raises:
      Trouble: a key cannot be read or written.
    """
    told = []
    for name in ports:
        folder = config_of(name).parent
        files.make_folder(folder.parent)
        files.make_folder(folder)
        certificates.ensure_certificate(authority, folder, name, now_ms)
        sign = certificates.ensure_signing_key(folder / "sign.key")
        if not (folder / "custody.pem").exists():
            files.write(folder / "custody.pem", certificate.pem(_drawn(), "PRIVATE KEY"))
        whose = ("招标人", "the tenderee") if name == TENDEREE_KEY else ("交易中心", "trading centre")
        number = name.removeprefix("centre-")
        told.append(
            {
                "node": name, "key": signing.public_text(sign), "role": "custodian", "province": "",
                "zh": f"{whose[0]}密钥托管 {number}", "en": f"key service of {whose[1]} {number}",
            }
        )  # fmt: skip
    return told


def config(name: str, port: int, folder: Path, line: Mapping[str, Any], policy: Path) -> dict[str, Any]:
    """The configuration of a custodian's service; `line` is what it is told of the coordinator."""
    return {
        "node": name,
        "zh": name,
        "data_dir": str(folder),
        "http_host": "127.0.0.1",
        "http_port": port,
        "http_name": certificates.host_name(name),
        **line,
        "cert": str(folder / "cert.pem"),
        "key": str(folder / "key.pem"),
        "node_key": str(folder / "sign.key"),
        "trust_policy": str(policy),
        "suite": SUITE,
        "custody_key": str(folder / "custody.pem"),
        "projects_file": str(folder.parent / PROJECTS),
    }


def tell(data: Path, project: str) -> None:
    """Tell every service of an installation of a tender, as its document is handed to custodians.

    Raises:
      Trouble: it cannot be written.
    """
    known = told(data)
    if project not in known:
        files.write(data / FOLDER / PROJECTS, ("\n".join([*known, project]) + "\n").encode())


def told(data: Path) -> tuple[str, ...]:
    """The tenders that the services of an installation were told of."""
    path = data / FOLDER / PROJECTS
    return tuple(path.read_text(encoding="utf-8").split()) if path.exists() else ()


def groups(data: Path, centres: int) -> tuple[KeyGroup, ...]:
    """The groups as `AppointCustodians` names them: a majority of the centres, and the tenderee.

    Raises:
      Trouble: a key cannot be read.
    """
    holders = {name: _holder(data / FOLDER / name, name) for name in names(centres)}
    own = holders.pop(TENDEREE_KEY)
    majority = len(holders) // 2 + 1
    return (KeyGroup(CENTRES, tuple(holders.values()), majority), KeyGroup(TENDEREE, (own,), 1))


def appointment(data: Path, centres: int, project: str, window_ms: int) -> AppointCustodians:
    """What the agent appoints by; the same keys as in the sealing policy.

    Raises:
      Trouble: a key cannot be read.
    """
    return AppointCustodians(project, SUITE, groups(data, centres), window_ms)


def sealing_policy(data: Path, centres: int, project: str, lot: str, envelope: str) -> Policy:
    """What the tender document gives bidders to seal by.

    Raises:
      Trouble: a key cannot be read.
    """
    found = tuple(
        Group(one.group, tuple(Custodian(m.custodian, m.public) for m in one.members), one.threshold)
        for one in groups(data, centres)
    )
    return Policy(envelope=envelope, groups=found, lot=lot, project=project, suite=SUITE)


def _drawn() -> bytes:
    """A fresh private key of the suite, PKCS #8."""
    for number in range(_TRIES_MAX):
        try:
            return suites.get(SUITE).private_der(Dice().bytes32("custodian key", str(number)))
        except SealRefused:
            continue
    raise AssertionError("a generator that gives no key in so many draws is broken")


def _holder(folder: Path, name: str) -> Keyholder:
    sign = certificates.read_signing_key(folder / "sign.key")
    public = suites.get(SUITE).private_key(reading.private_der(folder / "custody.pem")).public
    return Keyholder(name, signing.public_text(sign), public)
