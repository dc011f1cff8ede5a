"""Asking the holder of a token at the terminal: the whole statement, a yes, and the PIN (SPEC 19.7)."""

import base64
from collections.abc import Callable
from typing import Final

from ops.bids import reading
from ops.trouble import Trouble, show
from ops.ukey.bridge import Signs
from protocol.refusals import Refusal, refuse
from protocol.seal import suites
from protocol.seal.suite import Suite
from protocol.seal.trust.algorithms import AlgorithmName
from protocol.words import Term

ALGORITHM: Final[dict[str, AlgorithmName]] = {"intl-1": "ecdsa-p256-sha256", "gm-1": "sm2-sm3"}
YES: Final = ("y", "yes", "是")


def suite_of(spki: bytes) -> Suite:
    """The suite whose keys a certificate's key is of.

    Raises:
      Trouble: of none: the bridge signs with P-256 and SM2.
    """
    for name in suites.NAMES:
        suite = suites.get(name)
        if suite.is_public(spki):
            return suite
    raise Trouble(
        "此证书的密钥不是 P-256 或 SM2,本程序不能使用。请换用其他证书。",
        "The key of this certificate is neither P-256 nor SM2; this program cannot use it. "
        "Choose another certificate.",
        2,
    )


class Terminal:
    """Shows a statement, takes a yes, opens the key and signs; the PIN is kept nowhere."""

    def __init__(
        self, suite: Suite, where: str, spki: bytes, read: Callable[[str], str] = input,
        write: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        """Sign with the key at `where` (a token's URI or a file), which must be the certificate's."""
        self._suite = suite
        self._where = where
        self._spki = spki
        self._read = read
        self._write = write

    def agree(self, title: Term, fields: tuple[tuple[Term, str], ...]) -> Signs | Refusal:
        """Ask; a no, an end of input and a token that fails are refusals that a page can show."""
        self._write("")
        self._write(f"■ {title.zh}  {title.en}")
        for term, value in fields:
            self._write(f"  {term.zh} / {term.en}: {value}")
        try:
            said = self._read("签名吗? / Sign this? [y/N] ")
        except (EOFError, KeyboardInterrupt):
            said = ""
        if said.strip().lower() not in YES:
            return refuse("HolderDeclined")
        return self._sign

    def _sign(self, message: bytes) -> str | Refusal:
        try:
            return self._with_key(message)
        except Trouble as trouble:
            show(trouble)
            return refuse("TokenFailed", zh=trouble.zh, en=trouble.en)

    def _with_key(self, message: bytes) -> str:
        with reading.own_key(self._suite, self._where) as key:
            if key.public != self._spki:
                raise Trouble(
                    "密钥与证书不符。请核对所选证书与密钥。",
                    "The key is not the certificate's. Check which certificate and key were chosen.",
                )
            sig = self._suite.sign(key, message)
        return f"{ALGORITHM[self._suite.name]}:{base64.b64encode(sig).decode()}"
