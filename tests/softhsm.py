"""SoftHSM, a token made of software, for the tests that need a real one."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType
from pkcs11.util.ec import encode_named_curve_parameters

PIN = "56781234"


@dataclass(frozen=True)
class Slot:
    """A token of SoftHSM with one pair of keys on P-256 and one on another curve."""

    module: str
    label: str = "custodian"
    key: str = "opening"


@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slot]:
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    found = Slot(module_path())
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", found.label, "--so-pin", PIN, "--pin", PIN],
        check=True,
        capture_output=True,
        timeout=60,
    )
    library = pkcs11.lib(found.module)
    library.reinitialize()
    with library.get_token(token_label=found.label).open(rw=True, user_pin=PIN) as session:
        for label, curve in ((found.key, "secp256r1"), ("other", "secp384r1")):
            parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
            domain = session.create_domain_parameters(KeyType.EC, parameters, local=True)
            domain.generate_keypair(store=True, label=label)
    yield found
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def module_path() -> str:
    """Where Debian and others put SoftHSM's library."""
    for folder in (
        "/usr/lib/softhsm",
        "/usr/lib64/softhsm",
        "/usr/local/lib/softhsm",
        "/opt/homebrew/lib/softhsm",
    ):
        if (Path(folder) / "libsofthsm2.so").exists():
            return str(Path(folder) / "libsofthsm2.so")
    raise AssertionError("softhsm2 is not installed")
