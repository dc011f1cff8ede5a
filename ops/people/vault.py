"""Numbers of somebody's own that must outlive the command: a share of a draw between commitment and reveal.

Owns one file for a session and a seat, written before the number is handed out, hence before anything is
committed to it. Whoever begins again finds what was committed to; a draw of which a share is lost would
have to be frozen anew. Must not know what the numbers are for. Source: SPEC 15.1; decision 29.
"""

from pathlib import Path

from ops import files


class Vault(dict[str, bytes]):
    """Secrets by name; each is on the disk once it is set."""

    def __init__(self, path: Path) -> None:
        """Take up what the file holds; none where there is no file yet.

        Raises:
          Trouble: the file cannot be read.
        """
        kept = files.read_json(path) or {}
        super().__init__({str(name): bytes.fromhex(str(value)) for name, value in kept.items()})
        self._path = path

    def __setitem__(self, name: str, value: bytes) -> None:
        """Keep a secret.

        Raises:
          Trouble: it cannot be kept, and then it is not handed out either.
        """
        files.write_json(self._path, {key: one.hex() for key, one in {**self, name: value}.items()})
        super().__setitem__(name, value)
