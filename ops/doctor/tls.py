"""Certificates and secret files: chain, names, expiry, key and certificate of one pair, modes, and the line.

Where a coordinator answers, each node's own certificate is tried on it, as the node itself would.
"""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography import x509

from ops import certificates, files, senses
from ops.doctor.check import Check
from ops.installation import COORDINATOR, LOOPBACK, Installation
from ops.trouble import Trouble

SHAKE_S: Final = 3.0
"""How long a TLS handshake on this machine may take."""
_SECRETS = ("*.key", "key.pem", "config.json", "ca.key")


def look(found: Installation | None) -> Iterator[Check]:
    """Certificates, modes, and the line from every node."""
    if found is None:
        yield Check(
            "certificates", True, True,
            "尚未安装,首次启动时生成证书", "not installed yet; certificates are made at the first start",
        )  # fmt: skip
        return
    yield _certificates(found)
    yield _modes(found)
    yield _line(found)


def _certificates(found: Installation) -> Check:
    now = senses.now_ms()
    faults: list[str] = []
    least = certificates.AUTHORITY_DAYS
    try:
        authority = certificates.read_certificate(found.data / "ca" / "ca.pem")
        least = certificates.days_left(authority, now)
        if least < 0:
            faults.append("ca/ca.pem")
        for name in (*found.coordinators, *(node.place.node for node in found.nodes)):
            folder = found.config(name).parent
            one = certificates.read_certificate(folder / "cert.pem")
            least = min(least, certificates.days_left(one, now))
            faults += [f"{name}({zh} {en})" for zh, en in _faults(found, name, one, authority, now)]
    except (Trouble, OSError) as error:
        faults.append(str(error))
    names = "、".join(faults)
    return Check(
        "certificates", not faults, True,
        f"证书有误:{names}" if faults else f"证书链、名称与密钥相符,最短剩余 {least} 天",
        f"certificates at fault: {names}" if faults
        else f"certificates are under one authority, bear their names and fit their keys, for {least} days",
        "请停止系统后重新启动,证书会自动更新;若仍有误,请移开该进程文件夹中的 cert.pem 与 key.pem 再启动。",
        "Stop and start again: certificates are renewed then. If that does not help, move cert.pem and "
        "key.pem out of that process's folder and start.",
    )  # fmt: skip


def _faults(
    found: Installation, name: str, one: x509.Certificate, authority: x509.Certificate, now: int
) -> Iterator[tuple[str, str]]:  # fmt: skip
    if certificates.host_name(name) not in certificates.names(one):
        yield "名称不符", "name"
    if name in found.coordinators and certificates.host_name(COORDINATOR) not in certificates.names(one):
        yield "缺少共用名称", "shared name"
    if not certificates.is_under(one, authority):
        yield "非本安装签发", "chain"
    if not certificates.has_begun(one, now):
        yield "尚未生效", "not valid yet"
    if certificates.days_left(one, now) < 0:
        yield "已过期", "expired"
    if not certificates.is_pair(one, found.config(name).parent / "key.pem"):
        yield "与密钥不配", "key"


def _modes(found: Installation) -> Check:
    """Keys, and configurations, which hold a one-time code, are for their owner alone."""
    secret = {path for pattern in _SECRETS for path in found.data.rglob(pattern) if path.is_file()}
    open_to_others = sorted(
        path.relative_to(found.data).as_posix() for path in secret if path.stat().st_mode & 0o077
    )
    names = "、".join(open_to_others)
    return Check(
        "private_files", not open_to_others, True,
        f"密钥文件他人可读:{names}" if open_to_others else f"{len(secret)} 个密钥与配置文件仅本账户可读",
        f"others can read: {names}" if open_to_others
        else f"{len(secret)} files of keys and configuration are for this account alone",
        f"请在 {found.data} 中执行 chmod {files.PRIVATE:o};若曾被他人读取,请移开该密钥后重新启动以更换。",
        f"In {found.data}, run chmod {files.PRIVATE:o} on them; if others may have read one, move it away "
        "and start again to replace it.",
    )  # fmt: skip


def _line(found: Installation) -> Check:
    """Mutual TLS, as each node meets the coordinator; nothing to see where none listens."""
    faults = []
    for node in found.nodes:
        try:
            why = shake(found.data / "ca" / "ca.pem", found.config(node.place.node).parent, found.node_port)
        except OSError as error:
            why = str(error.strerror or error)
        if why is None:
            return Check(
                "line", True, True, "协调系统未在运行,线路未测", "no coordinator runs; lines not tried"
            )
        if why:
            faults.append(f"{node.place.node}({why})")
    names = "、".join(faults)
    return Check(
        "line", not faults, True,
        f"到协调系统的加密线路不通:{names}" if faults else f"{len(found.nodes)} 个会场到协调系统的线路均通",
        f"TLS to the coordinator fails: {names}" if faults
        else f"TLS to the coordinator works from all {len(found.nodes)} nodes",
        "请检查双方证书与系统时间,并重新启动系统。",
        "Check both sides' certificates and clocks, and start the stack again.",
    )  # fmt: skip


def shake(ca: Path, folder: Path, port: int) -> str | None:
    """Shake hands with the coordinator as a node: "" it works, None nobody listens, else why not.

    Raises:
      OSError: a file cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(ca)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    try:
        raw = socket.create_connection((LOOPBACK, port), timeout=SHAKE_S)
    except OSError:
        return None
    try:
        with context.wrap_socket(raw, server_hostname=certificates.host_name(COORDINATOR)) as line:
            # The server judges our certificate only after its own part is done (RFC 8446, 4.4.2).
            line.sendall(b"GET / HTTP/1.1\r\nHost: coordinator\r\nConnection: close\r\n\r\n")
            return "" if line.recv(1) else "closed"
    except (OSError, ssl.SSLError) as error:
        return getattr(error, "reason", None) or str(error)
