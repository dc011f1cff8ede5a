"""`tongchang policy`: the trust policy of a session, written before its first entry (SPEC 20.3).

Owns how a policy follows from an installation: its log, its cosigners, and the live quorum of more than two
thirds. Whoever is handed the file keeps it apart from the record that it will judge.
"""

from pathlib import Path
from typing import Any, Final

from ops import files, installation
from ops.trouble import Trouble
from protocol.ledger import note, quorum
from protocol.ledger.kinds import ED25519
from protocol.ledger.note import Key, NoteError
from protocol.ledger.quorum import Group, Party, Policy
from server.ledger import logs

LIVE: Final = "live"


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
        cosigners = tuple(
            (str(one["name"]), tuple(map(note.read_vkey, one["vkeys"])), str(one["url"]))
            for one in config.get("cosigners") or ()
        )
    except (OSError, ValueError, NoteError) as error:
        raise Trouble(
            f"{data} 中的日志密钥或联署节点无法读取({error})。",
            f"The log's key or the cosigners in {data} cannot be read ({error}).",
        ) from error
    url = f"{found.outside_url}log/{session}/"
    return quorum.write(live(Party(origin, log, url), cosigners), {log.name: f"{session} 的信任策略"})


def live(log: Party, cosigners: tuple[tuple[str, tuple[Key, ...], str], ...]) -> Policy:
    """The policy under which more than two thirds of the cosigners have to sign, each with all its keys.

    Args:
      log: the session's log.
      cosigners: name, keys and where it is, of each; of a second key on, each is a line of its own that
        must not be missing.
    """
    parties: list[Party] = []
    groups: list[Group] = []
    votes: list[str] = []
    for name, keys, url in cosigners:
        lines = [Party(name if n == 0 else f"{name}-{n + 1}", key, url) for n, key in enumerate(keys)]
        parties += lines
        if len(lines) == 1:
            votes.append(name)
        else:
            groups.append(Group(f"{name}-all", len(lines), tuple(one.name for one in lines)))
            votes.append(f"{name}-all")
    if not votes:
        return Policy((log,), (), (), quorum.NONE)
    groups.append(Group(LIVE, 2 * len(votes) // 3 + 1, tuple(votes)))
    return Policy((log,), tuple(parties), tuple(groups), LIVE)
