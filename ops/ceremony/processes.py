"""Custodians' services as real processes behind HTTP, started and ended by a rehearsal."""

import http.client
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
from cryptography.hazmat.primitives import serialization

from ops import files
from ops.ceremony.parties import PROJECT
from ops.ceremony.table import Table
from ops.trouble import Trouble
from protocol.refusals import Refusal
from protocol.seal.trust import certificate
from sub_venue.custody.service import Answered, Asked, Health

ANSWER_S: Final = 60.0
"""How long one answer may take, the replay of a whole record in it."""
_ENDING_S: Final = 10.0


class Processes:
    """One process for each custodian; a context that ends them all."""

    def __init__(self, table: Table, folder: Path) -> None:
        """Write keys and policy, and start them all before the first is awaited."""
        self.folder = files.make_folder(folder)
        self._running: dict[str, subprocess.Popen[str]] = {}
        self.urls: dict[str, str] = {}
        policy = folder / "policy"
        files.write(policy, table.policy.encode())
        for name in table.parties.holders:
            self._write(table, name)
            self._start(table, name, policy)
        for name, process in self._running.items():
            self.urls[name] = self._address(name, process)

    def __enter__(self) -> Self:
        """Themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process."""
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(_ENDING_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _closed(process)

    def pid(self, custodian: str) -> int:
        """The process of one."""
        return self._running[custodian].pid

    def kill(self, custodian: str) -> None:
        """End one at once, as a power cut does."""
        self._running[custodian].kill()
        self._running[custodian].wait()
        _closed(self._running[custodian])

    def again(self, table: Table, custodian: str) -> None:
        """Start one again."""
        self._start(table, custodian, self.folder / "policy")
        self.urls[custodian] = self._address(custodian, self._running[custodian])

    def health(self, custodian: str) -> Health:
        """What one says of itself."""
        return msgspec.json.decode(self._answer(custodian, "GET", "health", b"")[1], type=Health)

    def roll_call(self, custodian: str, asked: Asked) -> Answered | Refusal:
        """Ask one to answer the roll-call."""
        return self._ask(custodian, "roll-call", asked)

    def release(self, custodian: str, asked: Asked) -> Answered | Refusal:
        """Ask one to release."""
        return self._ask(custodian, "release", asked)

    def _ask(self, custodian: str, act: str, asked: Asked) -> Answered | Refusal:
        status, raw = self._answer(custodian, "POST", act, msgspec.json.encode(asked))
        if status == http.HTTPStatus.OK:
            return msgspec.json.decode(raw, type=Answered)
        return msgspec.json.decode(raw, type=Refusal)

    def _answer(self, custodian: str, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        line = http.client.HTTPConnection(self.urls[custodian].removeprefix("http://"), timeout=ANSWER_S)
        try:
            line.request(method, f"/{path}", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def _write(self, table: Table, name: str) -> None:
        parties = table.parties
        files.write(
            self.folder / f"{name}.pem", certificate.pem(parties.key_der(name, "suite"), "PRIVATE KEY")
        )
        author = parties.author(name).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        files.write(self.folder / f"{name}-sign.pem", author)

    def _start(self, table: Table, name: str, policy: Path) -> None:
        command = [
            sys.executable, "-m", "ops.command", "custodian", "serve", "--key",
            str(self.folder / f"{name}.pem"), "--sign", str(self.folder / f"{name}-sign.pem"), "--name",
            name,
            "--policy", str(policy), "--project", PROJECT, "--data", str(self.folder / name), "--suite",
            table.parties.suite.name,
        ]  # fmt: skip
        self._running[name] = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def _address(self, name: str, process: "subprocess.Popen[str]") -> str:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        if not line:
            raise Trouble(
                f"托管服务 {name} 未能启动。请查看上面的说明。",
                f"The custodian's service {name} did not start. See what it said above.",
            )
        return line


def _closed(process: "subprocess.Popen[str]") -> None:
    if process.stdout is not None:
        process.stdout.close()
