"""`tongchang policy`: the trust policy of a session, written before its first entry (SPEC 20.3).

Owns how a policy follows from an installation: its log and its cosigners; the live quorum is
`protocol.ledger.trust`'s. Whoever is handed the file keeps it apart from the record that it will judge.
"""

from pathlib import Path
from typing import Any

from ops import cosigning, files, installation, proving
from ops.trouble import Trouble
from protocol.ledger import note, trust
from protocol.ledger.kinds import ED25519
from protocol.ledger.note import NoteError
from protocol.ledger.quorum import Party
from protocol.ledger.trust import live
from server.ledger import logs

__all__ = ["live", "of"]


def of(data: Path, session: str) -> str:
    """The policy of a session of the installation in a folder, as text.

    Raises:
      Trouble: there is no installation, or it has no log.
    """
    found = installation.find(data)
    config: dict[str, Any] = files.read_json(found.config(installation.COORDINATOR)) or {}
    if not config.get("log_key"):
        raise Trouble(
            f"{data} 中的安装没有存证日志。请重新运行 ops/run(或 tongchang up)。",
            f"The installation in {data} has no log. Run ops/run (or tongchang up) again.",
        )
    try:
        public = logs.load(Path(config["log_key"])).public_key()
        origin = f"{config['log_name']}/{session}"
        log = note.read_vkey(note.vkey(origin, public, ED25519))
        judged_by = cosigning.policy_of(Party(origin, log, ""), config.get("cosigners") or ())
    except (OSError, ValueError, NoteError) as error:
        raise Trouble(
            f"{data} 中的日志密钥或联署节点无法读取({error})。",
            f"The log's key or the cosigners in {data} cannot be read ({error}).",
        ) from error
    return trust.text(proving.named(judged_by, config.get("trust_list"), proving.means(data)))
