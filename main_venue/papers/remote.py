"""A key that signs at another desk (异地签名): what is to be signed goes there, and the signature comes back.

Owns the waiting, in the thread in which a signature is put into its place. The key never leaves its person's
device. What comes back is checked with the file, like every signature.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from main_venue.signing.signer import NotUsable
from protocol.refusals import Refusal
from protocol.seal.trust import algorithms, certificate
from protocol.seal.trust.algorithms import AlgorithmName, NotAllowed
from protocol.seal.trust.certificate import Certificate

PERSON_S_MAX: Final = 90
"""How long a person has to sign what they asked for; then the next in the queue goes on."""
Put = Callable[[bytes, str, "Future[bytes]"], None]
"""(bytes to sign, by which algorithm, where the signature goes)."""
_BY_KIND: Final[dict[str, AlgorithmName]] = {
    "rsa": "rsa-sha256", "p256": "ecdsa-p256-sha256", "p384": "ecdsa-p384-sha384", "sm2": "sm2-sm3",
}  # fmt: skip


class RemoteSigner:
    """As `signer.Signer`; asks through `put`."""

    def __init__(self, certificates: tuple[bytes, ...], put: Put) -> None:
        """Sign as who has this certificate, those between behind it (DER).

        Raises:
          NotUsable: one of them cannot be read, or its key does not count.
        """
        read = [certificate.read(raw) for raw in certificates]
        if any(isinstance(one, Refusal) for one in read):
            raise NotUsable("a certificate that cannot be read")
        found: list[Certificate] = [one for one in read if not isinstance(one, Refusal)]
        key = algorithms.key_of(found[0].spki)
        if isinstance(key, NotAllowed):
            raise NotUsable(f"a key that does not count: {key.found}")
        self.own, self.others = found[0], tuple(found[1:])
        self.algorithm = _BY_KIND[key.kind]
        self._put = put

    def sign(self, message: bytes) -> bytes:
        """The signature of whoever has the key.

        Raises:
          TimeoutError: nobody signed in time.
        """
        waiting: Future[bytes] = Future()
        self._put(message, self.algorithm, waiting)
        return waiting.result(timeout=PERSON_S_MAX)
