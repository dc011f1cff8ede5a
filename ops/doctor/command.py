"""`tongchang doctor`: shows what was found, and writes the support bundle where one is asked for."""

from pathlib import Path

from ops import show
from ops.doctor import bundle as packing
from ops.doctor import examination


def run(data: Path, *, as_json: bool, bundle: Path | None) -> bool:
    """Examine, show on stdout, pack; whether the machine is fit.

    Raises:
      Trouble: the bundle cannot be written, or a secret would have been in it.
    """
    found = examination.examine(data)
    if bundle is not None:
        size = packing.write(bundle.absolute(), data.absolute(), found)
        show.notice(
            f"求助文件:{bundle}({size / 1000:.0f} KB,不含秘密,寄出前请打开查看)",
            f"Support bundle: {bundle} ({size / 1000:.0f} KB, no secrets; look through it before sending)",
        )
    if as_json:
        print(examination.as_json(found), flush=True)
    else:
        show.checks(found, show.asked())
    return examination.is_fit(found)
