"""What signing a session's report leaves on the disk: the names of files, and nothing to work with."""

from pathlib import Path

from msgspec import Struct


class Signed(Struct, frozen=True):
    """The files: the report with the signatures in it, those beside it, and the list by which they count."""

    report: Path
    beside: tuple[Path, ...]
    trust: Path
    prepared: bytes

    def told(self) -> dict[str, object]:
        """The same for a program to read."""
        return {
            "signed": str(self.report),
            "seals": [str(one) for one in self.beside],
            "trust": str(self.trust),
            "prepared": self.prepared.hex(),
        }
