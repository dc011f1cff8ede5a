"""The two commands: what they do once, what they skip, and the sentence each says when something is missing.

Run with stand-ins for python, uv, node and npm that write down how they were called, in a clone whose
path has a space in it; the real ones are what `ops/test` itself has just used.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house import ground

COREUTILS = "bash cat cp cut dirname env find flock grep id mkdir rm sed sha256sum sort tail tr xargs"

PYTHON = """
case "$*" in
  "-m venv "*) mkdir -p "${@: -1}/bin" && cp "$0" "${@: -1}/bin/python" ;;
  *bootstrap.lock*) cp "$STAND_INS/uv" "$(dirname "$0")/uv" ;;
  "--version") echo "Python 3.12.1" ;;
  *"config get"*) exit 1 ;;
esac
"""
UV = """
case "$*" in
  "--version") echo "uv 0.13.9 (stand-in)" ;;
  *" -e "*) cp "$STAND_INS/tongchang" "$(dirname "$0")/tongchang" ;;
esac
env | grep "^UV_" >>"$CALLS" || true
"""
NPM = """
case "$1" in
  ci) mkdir -p node_modules ;;
  run) mkdir -p "$4/dist" && echo built >"$4/dist/index.html" ;;
esac
"""
TONGCHANG = 'printf "%s|" tongchang "$@"; printf "%s" "$PWD"'


@dataclass(frozen=True)
class Clone:
    """A clone to set up, the folder of stand-ins on its PATH, and the list of their calls."""

    root: Path
    tools: Path
    calls: Path

    def run(
        self, *command: str, cwd: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the clone, standing elsewhere unless told, with only the stand-ins on PATH."""
        return subprocess.run(
            ["/bin/bash", *command],
            cwd=cwd or self.tools,
            env={
                "PATH": str(self.tools),
                "CALLS": str(self.calls),
                "STAND_INS": str(self.tools),
                "LANG": "C.UTF-8",
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def prepare(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """`ops/run --prepare`."""
        return self.run(str(self.root / "ops/run"), "--prepare", environment=environment)

    def source(self, code: str) -> subprocess.CompletedProcess[str]:
        """Some code after the steps were sourced."""
        head = f'set -euo pipefail; root="{self.root}"; source "$root/ops/steps.sh"; begin_preparing; '
        return self.run("-c", head + code)

    def taken(self) -> list[str]:
        """The calls since the last time one asked, without what only looks."""
        lines = self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        looks = ("--version", "-c ", "-e const", "config get", "pip --version")
        return [line for line in lines if not any(look in line for look in looks)]

    def stand_in(self, name: str, script: str) -> None:
        """Put a program on the clone's PATH that writes its call down and then does `script`."""
        program = self.tools / name
        program.unlink(missing_ok=True)
        program.write_text(f'#!/bin/bash\necho "{name} $*" >>"$CALLS"\n{script}\n', encoding="utf-8")
        program.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    root, tools = tmp_path / "a clone 同场", tmp_path / "tools"
    tools.mkdir()
    for name in COREUTILS.split():
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    made = Clone(root, tools, tmp_path / "calls")
    for name, script in {"python3": PYTHON, "uv": UV, "npm": NPM, "node": "", "tongchang": TONGCHANG}.items():
        made.stand_in(name, script)
    shutil.copytree(ground.ROOT / "ops", root / "ops", ignore=shutil.ignore_patterns("__pycache__", "web"))
    for name in (
        "pyproject.toml",
        "requirements.lock",
        "package.json",
        "package-lock.json",
        ".npmrc",
        "tsconfig.strict.json",
    ):
        shutil.copy(ground.ROOT / name, root / name)
    for page in ("protocol/web", "sub_venue/web/expert", "main_venue/web/agent"):
        build = '"build": "vite build"' if page != "protocol/web" else '"test": "vitest"'
        ground.plant(root, f"{page}/package.json", "{" + build + "}")
        ground.plant(root, f"{page}/src/main.ts", "export {}")
    return made


def test_a_first_preparation_does_each_step_once_and_a_second_none(clone: Clone) -> None:
    first = clone.prepare()
    assert first.returncode == 0, first.stderr
    taken = clone.taken()
    # Page packages are fetched beside Python's, and pages built beside each other.
    called = [line.split()[0] for line in taken if not line.startswith("UV_")]
    assert sorted(called) == ["npm"] * 3 + ["python3"] * 2 + ["uv"] * 2
    assert [name for name in called if name != "npm"] == ["python3", "python3", "uv", "uv"]
    assert sum("--require-hashes" in line for line in taken) == 2
    assert "npm ci" in " ".join(taken)
    second = clone.prepare()
    assert second.returncode == 0, second.stderr
    assert clone.taken() == []
    assert first.stdout == second.stdout == ""


def test_only_what_changed_is_done_again(clone: Clone) -> None:
    clone.prepare()
    clone.taken()

    ground.plant(clone.root, "sub_venue/web/expert/src/main.ts", "export const changed = 1")
    clone.prepare()
    assert clone.taken() == ["npm run build --workspace sub_venue/web/expert"]

    ground.plant(clone.root, "protocol/web/src/main.ts", "export const shared = 1")
    clone.prepare()
    assert len(clone.taken()) == 2

    ground.plant(clone.root, "ops/sample/case.json", " ")
    clone.prepare()
    assert "npm run build --workspace main_venue/web/agent" in clone.taken()

    (clone.root / "main_venue/web/agent/dist/index.html").unlink()
    clone.prepare()
    assert clone.taken() == ["npm run build --workspace main_venue/web/agent"]

    ground.plant(clone.root, "requirements.lock", "# another")
    clone.prepare()
    assert [line.split()[0] for line in clone.taken() if not line.startswith("UV_")] == ["uv", "uv"]


def test_a_clone_that_was_moved_makes_its_environment_anew(clone: Clone) -> None:
    clone.prepare()
    clone.taken()
    moved = Clone(clone.root.rename(clone.root.with_name("moved")), clone.tools, clone.calls)
    assert moved.prepare().returncode == 0
    assert moved.taken()[0].startswith("python3 -m venv")


def test_an_environment_left_half_made_is_made_anew(clone: Clone) -> None:
    clone.stand_in("uv", UV)
    broken = clone.root / ".venv/bin"
    broken.mkdir(parents=True)
    (broken / "python").symlink_to(clone.tools / "gone")
    assert clone.prepare().returncode == 0
    assert "python3 -m venv" in " ".join(clone.taken())


def test_arguments_go_to_the_command_from_where_the_caller_stands(clone: Clone, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    run = str(clone.root / "ops/run")
    acted = clone.run(run, "--act", "--json", "--case", "a case.json", "--seed", "7", cwd=elsewhere)
    assert acted.stdout == f"tongchang|act|--up|--json|--case|a case.json|--seed|7|{elsewhere}"
    assert clone.run(run, cwd=elsewhere).stdout == f"tongchang|up|{elsewhere}"
    assert clone.run(run, "--port", "9000", cwd=elsewhere).stdout == f"tongchang|up|--port|9000|{elsewhere}"


def test_help_is_given_without_preparing_anything(clone: Clone) -> None:
    told = clone.run(str(clone.root / "ops/run"), "--help")
    assert told.returncode == 0
    assert "--prepare" in told.stdout
    assert "只准备环境" in told.stdout
    assert clone.taken() == []
    assert not (clone.root / ".venv").exists()


def test_pip_s_index_is_handed_on_to_the_installer(clone: Clone) -> None:
    clone.prepare(PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_EXTRA_INDEX_URL="http://127.0.0.1:8/simple")
    taken = clone.taken()
    assert "UV_DEFAULT_INDEX=http://127.0.0.1:9/simple" in taken
    assert "UV_INDEX=http://127.0.0.1:8/simple" in taken


def test_where_the_installer_fails_pip_itself_is_tried(clone: Clone) -> None:
    clone.stand_in("uv", f'case "$*" in *requirements.lock*) exit 2 ;; esac\n{UV}')
    assert clone.prepare().returncode == 0
    assert any(
        "pip install" in line and line.startswith("python3") and "requirements.lock" in line
        for line in clone.taken()
    )


def one_sentence(done: subprocess.CompletedProcess[str], chinese: str, english: str) -> None:
    """The run failed with one sentence in each language as its last words, and nothing on stdout."""
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.splitlines()[-2:]
    assert chinese in last[0]
    assert english in last[1]


def test_an_old_python_is_named_with_its_remedy(clone: Clone) -> None:
    clone.stand_in("python3", 'case "$*" in -c*) exit 1 ;; *) echo "Python 3.9.2" ;; esac')
    one_sentence(
        clone.prepare(),
        "需要 Python 3.11 或更新版本(当前:Python 3.9.2)",
        "Python 3.11 or newer is needed (found: Python 3.9.2)",
    )
    assert not (clone.root / ".venv").exists()


def test_a_missing_python_is_named_with_its_remedy(clone: Clone) -> None:
    (clone.tools / "python3").unlink()
    one_sentence(clone.prepare(), "apt-get install python3 python3-venv", "PYTHON=PATH")


def test_a_newer_python_beside_an_old_one_is_found(clone: Clone) -> None:
    (clone.tools / "python3").rename(clone.tools / "python3.12")
    clone.stand_in("python3", "exit 1")
    assert clone.prepare().returncode == 0


def test_a_python_without_venv_is_named_with_the_package_to_install(clone: Clone) -> None:
    (clone.tools / "uv").rename(clone.tools / "uv-0")
    clone.stand_in("python3", 'case "$*" in "-m venv"* | "-m pip"*) exit 1 ;; -c*print*) echo 3.11 ;; esac')
    clone.stand_in("id", "echo 1000")
    clone.stand_in("apt-get", "")
    done = clone.prepare()
    one_sentence(done, "建立 Python 环境", "making the Python environment")
    assert "apt-get update && apt-get install python3.11-venv" in done.stderr
    assert not any(line.startswith("apt-get") for line in clone.taken())


def test_without_venv_another_uv_makes_the_environment(clone: Clone) -> None:
    clone.stand_in("python3", f'case "$*" in "-m venv"*) exit 1 ;; esac\n{PYTHON}')
    makes = 'mkdir -p "${@: -1}/bin" && cp "$STAND_INS/python3" "${@: -1}/bin/python"'
    clone.stand_in("uv", f'if [ "$1" = venv ]; then {makes}; fi\n{UV}')
    assert clone.prepare().returncode == 0
    assert any(line.startswith("uv venv --python") for line in clone.taken())


@pytest.mark.parametrize(
    ("script", "found"),
    [("exit 127", "none"), ('case "$1" in -e) exit 1 ;; *) echo v18.19.0 ;; esac', "v18.19.0")],
)
def test_a_missing_or_old_node_is_named(clone: Clone, script: str, found: str) -> None:
    clone.stand_in("node", script)
    one_sentence(
        clone.prepare(), "需要 Node.js 20.19 或更新版本", f"Node.js 20.19 or newer is needed (found: {found})"
    )


def test_a_node_without_npm_is_named(clone: Clone) -> None:
    (clone.tools / "npm").unlink()
    one_sentence(clone.prepare(), "缺少 npm", "npm is not")


def test_a_failing_step_shows_its_last_words_and_where_the_log_is(clone: Clone) -> None:
    clone.stand_in("npm", 'case "$1" in ci) echo "npm error the registry is away" >&2; exit 1 ;; esac')
    done = clone.prepare()
    one_sentence(done, "安装网页软件包", "installing page packages")
    assert "npm error the registry is away" in done.stderr
    log = clone.root / ".tongchang/logs/prepare.log"
    assert str(log) in done.stderr
    assert "npm error the registry is away" in log.read_text(encoding="utf-8")


def test_a_step_that_failed_is_done_again_the_next_time(clone: Clone) -> None:
    clone.stand_in("npm", "exit 1")
    assert clone.prepare().returncode == 1
    clone.stand_in("npm", NPM)
    clone.taken()
    assert clone.prepare().returncode == 0
    assert clone.taken()[0].startswith("npm ci")


def test_missing_system_packages_are_named_to_whoever_may_not_install_them(clone: Clone) -> None:
    clone.stand_in("id", "echo 1000")
    clone.stand_in("apt-get", "")
    clone.stand_in("fc-list", "")
    done = clone.source("prepare_system")
    one_sentence(
        done,
        "apt-get install chromium strace openssl poppler-utils softhsm2 fonts-noto-cjk",
        "apt-get install chromium strace openssl poppler-utils softhsm2 fonts-noto-cjk",
    )
    assert "apt-get update -q" not in clone.taken()


def test_missing_system_packages_are_installed_by_root(clone: Clone) -> None:
    clone.stand_in("id", "echo 0")
    clone.stand_in("apt-get", "")
    for server in ("initdb", "redis-server", "janus"):
        clone.stand_in(server, "")
    clone.stand_in("nginx", "echo --with-stream --with-threads")
    clone.stand_in("chromium", "")
    clone.stand_in("fc-list", "echo Noto Sans CJK SC")
    assert clone.source("prepare_system").returncode == 0
    assert [line for line in clone.taken() if line.startswith("apt-get")] == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends strace openssl poppler-utils softhsm2",
    ]


@pytest.fixture
def holder(clone: Clone) -> Iterator[subprocess.Popen[str]]:
    """Another process that is preparing this clone, until its stdin is closed."""
    code = f'root="{clone.root}"; source "$root/ops/steps.sh"; begin_preparing; echo begun; read -r _ || true'
    with subprocess.Popen(
        ["/bin/bash", "-c", code],
        env={"PATH": str(clone.tools)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        yield process


def test_two_preparations_of_one_clone_take_turns(clone: Clone, holder: subprocess.Popen[str]) -> None:
    with subprocess.Popen(
        ["/bin/bash", str(clone.root / "ops/run"), "--prepare"],
        env={"PATH": str(clone.tools), "CALLS": str(clone.calls), "STAND_INS": str(clone.tools)},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as second:
        assert second.stderr
        assert "another run is preparing this clone" in second.stderr.readline()
        assert clone.taken() == []
        assert holder.stdin
        holder.stdin.close()
        assert "ready" in second.stderr.read()
    assert second.returncode == 0
