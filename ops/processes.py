"""Which processes an installation has: what each is called, how it is started, where it says it is ready.

Owns their names for people. Must not know whether any of them runs.
"""

from msgspec import Struct

from ops import certificates
from ops.cosigning import REPLAY
from ops.installation import COORDINATOR, COSIGNER, LOOPBACK, Installation
from ops.media_workers import MEDIA


class Part(Struct, frozen=True):
    """One process of the stack: how it is started, and where it says that it is ready."""

    name: str
    module: str
    zh: str
    en: str
    ports: tuple[int, ...]
    health_port: int
    host: str
    arguments: tuple[str, ...] = ()
    """What its module is told before its configuration."""


def parts(installation: Installation) -> tuple[Part, ...]:
    """The processes of an installation: coordinators, nodes, cosigners, custodians."""
    found = []
    for number, name in enumerate(installation.coordinators, 1):
        node_port, port = installation.listens(name)
        which = f" {number}" if installation.shape.coordinators > 1 else ""
        found.append(
            Part(
                name, "server", f"协调系统{which}", f"coordinator{which}", (node_port, port), port,
                f"{certificates.host_name(COORDINATOR)}:{port}",
            )
        )  # fmt: skip
    for node in installation.nodes:
        place, is_main = node.place, node.place.role == "main"
        found.append(
            Part(
                place.node, "main_venue" if is_main else "sub_venue",
                f"{'主场' if is_main else '副场'} {place.zh}",
                f"{'main venue' if is_main else 'sub-venue'} {place.en or place.node}",
                (node.port,), node.port, node.host,
            )
        )  # fmt: skip
    for name, port in installation.cosigners.items():
        place = installation.node(name.removeprefix(COSIGNER).removesuffix(REPLAY)).place
        zh, en = ("重放联署节点", "replay cosigner") if name.endswith(REPLAY) else ("联署节点", "cosigner")
        told = (f"{zh} {place.zh}", f"{en} {place.en or place.node}")
        found.append(Part(name, "sub_venue.cosigner", *told, (port,), port, f"{LOOPBACK}:{port}"))
    for name, port in installation.custodians.items():
        found.append(
            Part(
                name, "sub_venue.custody", f"密钥托管 {name}", f"custodian {name}", (port,), port,
                f"{LOOPBACK}:{port}",
            )
        )  # fmt: skip
    for name, (port, control) in installation.media.items():
        whose = name.removeprefix(MEDIA)
        where = f"{LOOPBACK}:{control}"
        names = name, "server.media", f"音视频 {whose}", f"media worker {whose}"
        found.append(Part(*names, (port, control), control, where))
    return tuple(found)
