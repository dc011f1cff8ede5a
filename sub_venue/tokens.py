"""Keys that lie in a token: a smart card, a USB key or an HSM behind PKCS #11.

The second implementation of `protocol.seal.suite`'s key interfaces: the token signs a digest and agrees on
a shared x-coordinate, and no private key ever comes out. It serves `intl-1`; PKCS #11 2.40 has no mechanism
for SM2, whose devices speak SKF (GM/T 0016) or SDF (GM/T 0018) and need an adapter of their own. Must not
know what is signed or opened. Sources: PKCS #11 2.40 (CKM_ECDSA, CKM_ECDH1_DERIVE); SPEC 18.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pkcs11
from pkcs11 import KDF, Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import encode_ec_public_key, encode_ecdsa_signature

_SHARED_BITS: Final = 256


class TokenFault(RuntimeError):
    """The token is not there, does not accept the PIN, or failed; both texts say what to do."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep both texts."""
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


class TokenKey:
    """One key pair of a token, as `SigningKey` and `AgreeingKey`; good while its session is open."""

    def __init__(self, private: Any, public: bytes) -> None:
        """Use a private key whose public half, SubjectPublicKeyInfo in DER, is known.

        The library gives a key its methods as the token allows them, so that its type says nothing.
        """
        self._private = private
        self.public = public

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256, DER; the digest is made here, the signature in the token."""
        with _told():
            raw = self._private.sign(hashlib.sha256(message).digest(), mechanism=Mechanism.ECDSA)
        return encode_ecdsa_signature(raw)

    def agree(self, point: bytes) -> bytes:
        """The x-coordinate agreed with a point, 32 bytes."""
        with _told():
            shared = self._private.derive_key(
                KeyType.GENERIC_SECRET,
                _SHARED_BITS,
                mechanism=Mechanism.ECDH1_DERIVE,
                mechanism_param=(KDF.NULL, None, point),
                store=False,
                template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True},
            )
            return bytes(shared[Attribute.VALUE])


@contextmanager
def opened(module: str, token: str, pin: str, key: str) -> Iterator[TokenKey]:
    """A key of a token for as long as the block runs.

    Args:
      module: path of the token maker's PKCS #11 library.
      token: the token's label.
      pin: the person's PIN; it is handed to the token and kept nowhere.
      key: the key pair's label.

    Raises:
      TokenFault: no such library, token or key, a wrong PIN, or the token failed.
    """
    with _told():
        session = pkcs11.lib(module).get_token(token_label=token).open(user_pin=pin)
    with session:
        with _told():
            private: Any = session.get_key(ObjectClass.PRIVATE_KEY, KeyType.EC, label=key)
            public: Any = session.get_key(ObjectClass.PUBLIC_KEY, KeyType.EC, label=key)
            spki = encode_ec_public_key(public)
        yield TokenKey(private, spki)


@contextmanager
def _told() -> Iterator[None]:
    """Turns what the library raises into a fault that says what to do."""
    try:
        yield
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
        raise TokenFault(
            "PIN 码不正确。请核对后重试;多次错误后 UKey 会锁定。",
            "The PIN is wrong. Check it and try again; too many wrong ones lock the token.",
        ) from error
    except pkcs11.PinLocked as error:
        raise TokenFault(
            "UKey 已锁定。请到发证机构解锁。",
            "The token is locked. Have the authority that issued it unlock it.",
        ) from error
    except (pkcs11.NoSuchToken, pkcs11.TokenNotPresent, pkcs11.DeviceRemoved) as error:
        raise TokenFault(
            "未找到 UKey。请插好后重试。", "The token is not there. Plug it in and try again."
        ) from error
    except pkcs11.NoSuchKey as error:
        raise TokenFault(
            "UKey 中没有所选密钥。请核对证书。",
            "The token has no such key. Check which certificate was chosen.",
        ) from error
    except RuntimeError as error:  # all others of the library, and a module that cannot be loaded
        raise TokenFault(
            f"UKey 或其驱动出错({type(error).__name__})。请重新插拔;若再次出现,请重装驱动。",
            f"The token or its driver failed ({type(error).__name__}). Plug it in again; if that does not "
            "help, install its driver anew.",
        ) from error
