"""Everything we run may be given on: permissive licences, or a copyleft that binds only its own files."""

import importlib.metadata
import json
import re
from collections.abc import Callable

import pytest

from tests.house import ground

ALLOWED = re.compile(
    r"^(0BSD|Apache-2\.0|Apache|BlueOak-1\.0\.0|BSD|BSD-[0-4]-Clause|CC0-1\.0|CNRI-Python|ISC|LGPL\S*|MIT|MIT-0"
    r"|MIT-CMU|MPL-[12]\.[01]|OFL-1\.1|PSF-2\.0|Python-2\.0|Unlicense|Zlib|ZPL-2\.1)$"
)
"""SPDX names. LGPL is a library that we link to and do not change; OFL a font that we embed, not sell."""

SPDX_OF_OLD_NAMES = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    # pypdfium2: its licence files were read; all that PDFium is built of is permissive (FreeType: FTL).
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""What distributions said before SPDX expressions, as licence text or as classifier."""


READ_IN_ITS_LICENCE_FILE = {"node_modules/xmlhttprequest-ssl": "MIT"}
"""Packages whose manifest forgets to say it; brought by engine.io-client."""


def may_run(expression: str) -> bool:
    """Whether an SPDX expression leaves us a way: every AND part allowed, one OR part is enough."""
    alternatives = re.split(r"\s+OR\s+", expression.replace("(", " ").replace(")", " ").strip())
    return any(
        all(ALLOWED.match(part.split(" WITH ")[0].strip()) for part in re.split(r"\s+AND\s+", alternative))
        for alternative in alternatives
    )


def said_licence(distribution: importlib.metadata.Distribution) -> str:
    """What a distribution says of itself: its SPDX expression, else classifiers, else its licence field."""
    said = distribution.metadata
    if "License-Expression" in said:
        return said["License-Expression"]
    lines = said.get_all("Classifier") or []
    classified = [line.split(" :: ")[-1] for line in lines if line.startswith("License ::")]
    names = [name for name in classified if name != "OSI Approved"] or said.get_all("License") or [""]
    return " AND ".join(SPDX_OF_OLD_NAMES.get(name.strip(), name.strip()) for name in names)


def locked(name: str) -> list[str]:
    """The distributions of a lock."""
    text = (ground.ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", text, re.MULTILINE)


def installed(names: list[str]) -> list[importlib.metadata.Distribution]:
    """Those of them that this machine has: a lock also names what only Windows or another Python needs."""
    found = []
    for name in names:
        try:
            found.append(importlib.metadata.distribution(name))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def test_every_python_package_that_runs_may_be_given_on() -> None:
    distributions = installed(locked("requirements.lock"))
    assert len(distributions) > 40
    refused = {
        one.metadata["Name"]: said_licence(one) for one in distributions if not may_run(said_licence(one))
    }
    assert refused == {}


def test_every_page_package_that_runs_may_be_given_on() -> None:
    packages = json.loads((ground.ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    running = {
        name: package.get("license") or READ_IN_ITS_LICENCE_FILE.get(name, "")
        for name, package in packages.items()
        if name.startswith("node_modules/") and not package.get("dev") and not package.get("link")
    }
    assert len(running) > 20
    assert {name: licence for name, licence in running.items() if not may_run(licence)} == {}


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "Apache-2.0 OR BSD-3-Clause",
        "Apache-2.0 AND MIT",
        "LGPL-3.0-only",
        "(MIT OR GPL-3.0-only)",
        "MPL-2.0",
    ],
)
def test_a_licence_that_leaves_us_free_is_allowed(expression: str) -> None:
    assert may_run(expression)


@pytest.mark.parametrize(
    "expression", ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "SSPL-1.0", "UNLICENSED", ""]
)
def test_a_licence_that_binds_us_or_is_unknown_is_refused(expression: str) -> None:
    assert not may_run(expression)


def test_a_planted_distribution_is_judged_by_what_it_says(make_distribution: Callable[[str], object]) -> None:
    gpl = make_distribution(
        "License: GPL\nClassifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)\n"
    )
    mit = make_distribution("Classifier: License :: OSI Approved :: MIT License\n")
    assert isinstance(gpl, importlib.metadata.Distribution)
    assert isinstance(mit, importlib.metadata.Distribution)
    assert not may_run(said_licence(gpl))
    assert may_run(said_licence(mit))


@pytest.fixture
def make_distribution(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], importlib.metadata.Distribution]:
    """A distribution's metadata on disk, from the lines that name its licence."""

    def make(lines: str) -> importlib.metadata.Distribution:
        folder = tmp_path_factory.mktemp("dist") / "planted-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: planted\nVersion: 1\n{lines}", encoding="utf-8"
        )
        return importlib.metadata.Distribution.at(folder)

    return make
