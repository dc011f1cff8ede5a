"""Ports and names: whether the processes find their ports free, and browsers and programs find the nodes."""

import http.client
import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops import certificates, installation, ports, processes, stack
from ops.doctor.check import Check
from ops.installation import DEFAULT_PLACES, LOOPBACK, Installation

ANSWER_S: Final = 3.0
"""How long a process of this machine may take to say that it is ready."""


def look(data: Path, found: Installation | None) -> Iterator[Check]:
    """Ports, names, and the processes where they run."""
    yield _ports(data, found)
    yield _names(found)
    yield _processes(data, found)


def _ports(data: Path, found: Installation | None) -> Check:
    base = found.ports_from if found else installation.PORTS_FROM
    nodes = len(found.nodes) if found else len(DEFAULT_PLACES)
    first_page = base + installation.PORTS_SPAN
    wanted = (base, first_page - 1, *range(first_page, first_page + nodes))
    if found:
        parts = processes.parts(found)
        wanted = tuple(sorted({found.node_port, *(port for part in parts for port in part.ports)}))
    own = set(stack.running(data).values())
    taken = []
    for port in wanted:
        if ports.is_free(port):
            continue
        held = ports.holder(port)
        if held is None or held.pid not in own:
            taken.append(f"{port} (PID {held.pid} {held.command})" if held else str(port))
    names = "、".join(taken)
    state_zh, state_en = ("本系统正在运行", "this stack is running") if own else ("均空闲", "all free")
    span = f"{wanted[0]}–{wanted[-1]}"
    return Check(
        "ports", not taken, True,
        f"端口 {span}:{names} 被占用" if taken else f"端口 {span}:{state_zh}",
        f"ports {span}: taken are {names}" if taken else f"ports {span}: {state_en}",
        f"请停止占用端口的程序,或使用 --ports-from {base + 100}。",
        f"Stop what holds them, or use --ports-from {base + 100}.",
    )  # fmt: skip


def _names(found: Installation | None) -> Check:
    """`*.localhost` is loopback to every browser (RFC 6761, 6.3); a resolver may not know, or know worse."""
    places = [node.place for node in found.nodes] if found else list(DEFAULT_PLACES)
    wanted = [certificates.host_name(place.node) for place in places]
    told = {name: _addresses(name) for name in wanted}
    astray = [f"{name} → {', '.join(far)}" for name in wanted if (far := _far(told[name]))]
    unknown = [name for name in wanted if not told[name]]
    hosts = f"127.0.0.1 {' '.join(wanted)}"
    if astray:
        names = "、".join(astray)
        return Check(
            "names", False, True, f"名称指向了别处:{names}", f"names lead elsewhere: {names}",
            f"这些名称必须指向本机。请在 /etc/hosts 中加入一行:{hosts};使用代理时,请将 .localhost 列入例外。",
            f"They must lead to this machine. Put this line into /etc/hosts: {hosts} ; with a proxy, except "
            ".localhost from it.",
        )  # fmt: skip
    names = "、".join(unknown or wanted)
    return Check(
        "names", not unknown, False,
        f"系统不识别 {names}(浏览器自会识别)" if unknown else f"名称 {names} 指向本机",
        f"this system's resolver does not know {names} (browsers do by themselves)" if unknown
        else f"{names} lead to this machine",
        f"Chromium、Firefox 可直接打开。若浏览器或 curl 打不开,请在 /etc/hosts 中加入一行:{hosts}",
        f"Chromium and Firefox open them as they are. If a browser or curl does not, put this line into "
        f"/etc/hosts: {hosts}",
    )  # fmt: skip


def _addresses(name: str) -> tuple[str, ...]:
    try:
        told = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(one[4][0]) for one in told))


def _far(addresses: tuple[str, ...]) -> list[str]:
    return [one for one in addresses if not ipaddress.ip_address(one.split("%")[0]).is_loopback]


def _processes(data: Path, found: Installation | None) -> Check:
    own = stack.running(data)
    if found is None or not own:
        return Check("processes", True, True, "系统未在运行", "the stack is not running")
    silent = [part for part in processes.parts(found) if not _answers(part)]
    zh = "、".join(f"{part.zh}({part.name})" for part in silent)
    en = ", ".join(part.name for part in silent)
    count = len(processes.parts(found))
    return Check(
        "processes", not silent, True,
        f"没有应答:{zh}" if silent else f"{count} 个进程均已就绪",
        f"not answering: {en}" if silent else f"all {count} processes are ready",
        f"请查看日志 {found.logs};在启动它的终端按 Ctrl-C 后重新启动。",
        f"Look at the logs in {found.logs}; press Ctrl-C where it was started, and start again.",
    )  # fmt: skip


def _answers(part: processes.Part) -> bool:
    line = http.client.HTTPConnection(LOOPBACK, part.health_port, timeout=ANSWER_S)
    try:
        line.request("GET", "/readyz", headers={"Host": part.host})
        return line.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
