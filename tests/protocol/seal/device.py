"""A national device (SDF, SKF) as far as the suite needs one: it signs a digest and decrypts."""

from protocol.seal import sm2
from tests.protocol.seal import oracle


class OracleDevice:
    """Holds a scalar and computes with the oracle; notes how long what it decrypted was."""

    def __init__(self, scalar: int) -> None:
        self._scalar = scalar
        x, y = oracle.affine(scalar)
        self.public = sm2.public_of(b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big"))
        self.lengths: list[int] = []

    def sign(self, message: bytes) -> bytes:
        digest = sm2.message_digest(self.public, message)
        nonce = int.from_bytes(oracle.sm3(digest), "big") % (oracle.N - 1) + 1
        return oracle.der_signature(oracle.sign(self._scalar, digest, nonce))

    def decrypt(self, ciphertext: bytes) -> bytes | None:
        x, y, c3, c2 = oracle.der_parts(ciphertext)
        self.lengths.append(len(c2))
        return oracle.decrypt(self._scalar, (int.from_bytes(x, "big"), int.from_bytes(y, "big")), c3, c2)
