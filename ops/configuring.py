"""What the coordinators and nodes of an installation are told: their configurations, as plain values.

Owns which setting an operator's hand wins over. Writes nothing.
"""

from collections.abc import Container, Sequence
from typing import Any, Final

from ops import certificates, cosigning, files
from ops.layout import COORDINATOR, LOOPBACK, Installation, Node, Shape
from ops.senses import Dice

CODE_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_CHARS: Final = 10


def new_code(dice: Dice, *purpose: str) -> str:
    """A code of ten letters and digits without look-alikes, in two groups: `K7QM3-XWDPA`."""
    number = int.from_bytes(dice.bytes32("code", *purpose), "big")
    letters = []
    for _ in range(CODE_CHARS):
        number, one = divmod(number, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[one])
    half = CODE_CHARS // 2
    return "".join(letters[:half]) + "-" + "".join(letters[half:])


def coordinator(
    found: Installation, name: str, node_keys: dict[str, str], agent: str, before: Shape
) -> dict[str, Any]:
    """A coordinator's; an operator's settings in the first one's stay. `before` is the earlier size."""
    folder, first = found.data / name, found.data / COORDINATOR
    earlier = files.read_json(first / "config.json") or {}
    node_port, http_port = found.listens(name)

    def by_hand(setting: str, ours: str) -> str | None:
        """What the operator has written there; what an earlier start wrote goes with it."""
        kept = earlier.get(setting)
        return kept if kept != ours else None

    return {
        "name": name,
        "data_dir": str(folder),
        "bids_dir": by_hand("bids_dir", str(first / "bids")) or str(first / "bids"),
        "database": found.shape.database or by_hand("database", before.database),
        "redis": found.shape.redis or by_hand("redis", before.redis),
        "node_host": LOOPBACK,
        "node_port": node_port,
        "http_host": LOOPBACK,
        "http_port": http_port,
        "http_name": certificates.host_name(COORDINATOR),
        "bidders_by_code": earlier.get("bidders_by_code", True),
        "production": earlier.get("production", False),
        "operator_token": earlier.get("operator_token"),
        "ca": str(found.data / "ca" / "ca.pem"),
        "cert": str(folder / "cert.pem"),
        "key": str(folder / "key.pem"),
        "installation_key": str(first / "installation.key"),
        "nodes": [
            {
                "node": place.node,
                "key": node_keys[place.node],
                "zh": place.zh,
                "en": place.en,
                "province": place.province,
                "role": place.role,
            }
            for place in (node.place for node in found.nodes)
        ],
        "agent_keys": [agent],
        "log_name": cosigning.LOG_NAME,
        "log_key": str(first / cosigning.LOG_KEY),
        "cosigners": list(earlier.get("cosigners") or ()),
        "enrolment_code": earlier.get("enrolment_code") or new_code(Dice()),
        "seed": found.seed or None,
        "log_level": "info",
    }


def with_ours(
    earlier: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]], nodes: Container[str]
) -> list[dict[str, Any]]:
    """Cosigners as they were told by hand, and our own; who is waited for hard stays so."""
    hard = {one["name"] for one in earlier if one.get("hard")}
    by_hand = [one for one in earlier if one["name"].removesuffix(cosigning.REPLAY) not in nodes]
    return [*by_hand, *(one | ({"hard": True} if one["name"] in hard else {}) for one in ours)]


def node_of(found: Installation, node: Node, installation_key: str) -> dict[str, Any]:
    """A node's, without what it is told of media, policy and the venue that hosts."""
    folder = found.data / "nodes" / node.place.node
    return {
        "node": node.place.node,
        "zh": node.place.zh,
        "en": node.place.en,
        "province": node.place.province,
        "role": node.place.role,
        "data_dir": str(folder),
        "http_host": LOOPBACK,
        "http_port": node.port,
        "http_name": certificates.host_name(node.place.node),
        "cert": str(folder / "cert.pem"),
        "key": str(folder / "key.pem"),
        "node_key": str(folder / "node.key"),
        **line(found, installation_key),
    }


def line(found: Installation, installation_key: str) -> dict[str, Any]:
    """What whoever meets the coordinator is told of it."""
    return {
        "coordinator_url": f"https://{LOOPBACK}:{found.node_port}",
        "coordinator_name": certificates.host_name(COORDINATOR),
        "ca": str(found.data / "ca" / "ca.pem"),
        "installation_key": installation_key,
        "seed": found.seed or None,
    }
