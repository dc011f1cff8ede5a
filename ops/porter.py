"""The porter: has the sample's documents put into the venues' folders by a process of its own.

Owns that process. Setting forty papers keeps a core busy for some seconds; in here it would hold up lines and
pages, there it works at low priority. Must not know what is put where (`ops.shelving`).
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

from ops import stack
from ops.installation import Installation
from ops.trouble import Trouble

PUT_S: Final = 600.0
"""How long the first making of all documents may take, on a slow and busy machine."""
_NICE: Final = 10


async def put(found: Installation, session: str) -> None:
    """Put the documents of a session where each venue's reading room looks; none for another case.

    Raises:
      Trouble: they could not be made or put.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.porter", str(found.data), session,
        cwd=stack.PROJECT, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PUT_S):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        why = said.decode(errors="replace").strip().splitlines()[-1:]
        raise Trouble(
            f"示例文件未能放到各会场:{''.join(why)}。", f"The documents were not put: {''.join(why)}."
        )


def main() -> None:
    """The process: as told on its command line."""
    from ops import installation, shelving  # noqa: PLC0415 - the typesetter is slow to load
    from ops.people import notebook, script  # noqa: PLC0415

    os.nice(_NICE)
    found, session = installation.find(Path(sys.argv[1])), sys.argv[2]
    shelving.shelve(found, session, script.load(notebook.case_path(found, session)))


if __name__ == "__main__":
    main()
