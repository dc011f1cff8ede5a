"""The line from a bidder's machine to the coordinator: one request after another over HTTP (SPEC 23.1).

Owns addresses and what went wrong on the way: a line that is cut (`Cut`), or what the coordinator refused
(`Refused`). Plain HTTP is for loopback alone; anywhere else HTTPS by name.
"""

import http.client
import ipaddress
import ssl
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from ops.trouble import Trouble
from protocol.refusals import Refusal, refuse, text

ANSWER_S: Final = 60.0
"""How long an answer may take; a segment of a slow line is given as long again by its sending."""
_ANSWER_BYTES_MAX: Final = 8_388_608
_LOOPBACK: Final = "127.0.0.1"

T = TypeVar("T")


class Cut(Exception):
    """The line was cut, or what came back is no answer of a coordinator: worth trying again."""


class Refused(Exception):
    """The coordinator refused; trying again changes nothing unless the code says so."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Line:
    """Requests to one coordinator."""

    def __init__(self, address: str, ca: Path | None = None) -> None:
        """Speak to this address; nothing is sent yet.

        Raises:
          Trouble: it is no address of a coordinator, or plain HTTP to another machine.
        """
        told = urlsplit(address)
        host = told.hostname or ""
        if told.scheme not in ("http", "https") or not host or told.path.strip("/") or told.query:
            raise Trouble(
                f"“{address}”不是协调系统的网址。请照招标文件填写,如 https://名称:端口",
                f"“{address}” is no coordinator's address. Write it as the tender document does: https://NAME:PORT",
                2,
            )
        if told.scheme == "http" and not _is_here(host):
            raise Trouble(
                f"{address} 不是加密地址。向其他机器递交标书须使用 https。",
                f"{address} is not encrypted. Bids go to another machine over https only.",
                2,
            )
        try:
            self._tls = ssl.create_default_context(cafile=ca) if told.scheme == "https" else None
        except (OSError, ssl.SSLError) as error:
            raise Trouble(
                f"无法读取 {ca}({error})。请核对所选文件。", f"Cannot read {ca} ({error}). Check the file.", 2
            ) from error
        self._host, self._name = host, told.netloc
        self._port = told.port or (443 if self._tls else 80)

    def post(self, path: str, body: Any, form: type[T]) -> T:
        """Ask for something.

        Raises:
          Cut, Refused: see there.
        """
        return self._ask("POST", path, msgspec.json.encode(body), {"Content-Type": "application/json"}, form)

    def put(self, path: str, data: bytes, headers: dict[str, str], form: type[T]) -> T:
        """Send bytes.

        Raises:
          Cut, Refused: see there.
        """
        return self._ask("PUT", path, data, {"Content-Type": "application/octet-stream", **headers}, form)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str], form: type[T]) -> T:
        line = self._connection()
        try:
            line.request(method, path, body, {"Host": self._name, **headers})
            answer = line.getresponse()
            raw = answer.read(_ANSWER_BYTES_MAX)
        except (OSError, http.client.HTTPException) as error:
            raise Cut(str(error) or type(error).__name__) from error
        finally:
            line.close()
        try:
            if answer.status == http.client.OK:
                return msgspec.json.decode(raw, type=form)
            told = msgspec.json.decode(raw, type=dict[str, Any])["refused"]
            refusal = refuse(told["code"], **told.get("detail", {}))
        except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
            raise Cut(f"status {answer.status}") from error
        raise Refused(refusal)

    def _connection(self) -> http.client.HTTPConnection:
        # The system's resolver does not know `*.localhost`; the name itself goes along.
        at = _LOOPBACK if self._host.endswith(".localhost") else self._host
        if self._tls is None:
            return http.client.HTTPConnection(at, self._port, timeout=ANSWER_S)
        return http.client.HTTPSConnection(at, self._port, timeout=ANSWER_S, context=self._tls)


def trouble(error: Cut | Refused) -> Trouble:
    """What a person reads of it."""
    if isinstance(error, Refused):
        term = text(error.refusal)
        return Trouble(f"{term.zh}[{error.refusal.code}]", f"{term.en} [{error.refusal.code}]")
    return Trouble(
        f"与协调系统的线路中断({error})。请检查网络后重试;已上传的部分不会丢失。",
        f"The line to the coordinator is cut ({error}). Check the network and try again; "
        "what was sent is kept.",
    )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
