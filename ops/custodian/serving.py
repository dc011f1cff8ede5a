"""`tongchang custodian serve`: a custodian's standing key service (SPEC 28.4, 28.7).

Owns the files and the sentences; what the service believes and releases is `sub_venue.custody`'s.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from ops import certificates
from ops.bids import reading
from ops.trouble import Trouble
from protocol import limits
from protocol.ledger.quorum import PolicyError
from protocol.seal import suites
from sub_venue.custody import serving
from sub_venue.custody.serving import Settings


def serve(
    name: str,
    key: str,
    sign: Path,
    suite_name: str,
    policy: Path,
    projects: Sequence[str],
    data: Path,
    host: str,
    port: int,
    door: tuple[Path, Path] | None,
) -> None:
    """Serve until told to stop; the first line says where.

    Args:
      name: the custodian's id in the tender document.
      key: the private key that shares are boxed to: a file, or a token's URI.
      sign: the Ed25519 key that signs its acts; made where there is none.
      suite_name: the suite.
      policy: the trust policy as it was handed over before entry 1.
      projects: the tenders that it holds shares for.
      data: where releases are kept.
      host: where to listen; beyond this machine only with `door`.
      port: 0 for any.
      door: certificate and private key of the door.

    Raises:
      Trouble: a key, the policy or the folder cannot be used, or another process serves from it.
    """
    with reading.told():
        suite = suites.get(suite_name)
    text = reading.content(policy, limits.TRUST_POLICY_BYTES_MAX).decode("utf-8", "surrogateescape")
    certificate, certificate_key = door or (None, None)
    told = Settings(
        name, frozenset(projects), suite.name, text, data.absolute(), host, port, certificate, certificate_key
    )
    author = certificates.ensure_signing_key(sign.absolute())
    with reading.own_key(suite, key) as held:
        try:
            service = serving.made(told, held, author)
            asyncio.run(serving.serve(told, service, lambda where: print(where, flush=True)))
        except PolicyError as error:
            raise Trouble(
                f"信任策略 {policy} 有误({error})。请使用事先交付的文件。",
                f"The trust policy {policy} is out of form ({error}). Use the file that was handed over.",
                2,
            ) from error
        except BlockingIOError as error:
            raise Trouble(
                f"{data} 已有托管服务在运行。一处数据只能由一个进程使用。",
                f"A custodian's service runs from {data} already. One folder serves one process.",
            ) from error
        except (OSError, ValueError) as error:
            raise Trouble(
                f"托管服务无法运行:{error}。请检查地址、端口与文件夹。",
                f"The custodian's service cannot run: {error}. Check address, port and folder.",
            ) from error
