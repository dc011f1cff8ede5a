"""`tongchang ca serve`: revocation lists and answers over HTTP, where the trust list says that they are.

Owns the routes `/<province>/root.crl`, `/<province>/issuing.crl` (GET) and `/<province>/ocsp` (POST, RFC 6960
appendix A) on loopback. What it serves is signed and needs no lock; what is revoked meanwhile by another
`tongchang ca` shows at once, since the book is read for each answer.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import web
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ops import senses
from ops.ca import alliance, authority, making
from ops.ca.authority import Authority
from ops.trouble import Trouble
from protocol import limits

QUESTION_BYTES_MAX: Final = 65_536


def application(folder: Path) -> web.Application:
    """The routes over a folder of authorities."""
    app = web.Application(client_max_size=QUESTION_BYTES_MAX)

    async def revocation_list(request: web.Request) -> web.Response:
        own = _named(folder, request.match_info["province"])
        raw = await asyncio.to_thread(_list, own, request.match_info["which"])
        return web.Response(body=raw, content_type="application/pkix-crl")

    async def answer(request: web.Request) -> web.Response:
        own = _named(folder, request.match_info["province"])
        raw = await asyncio.to_thread(_answer, own, await request.read())
        return web.Response(body=raw, content_type="application/ocsp-response")

    app.router.add_get("/{province}/{which:root|issuing}.crl", revocation_list)
    app.router.add_post("/{province}/ocsp", answer)
    return app


async def serve(folder: Path, port: int, until: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve on 127.0.0.1 until an event is set; `ready` is called once it answers.

    Raises:
      Trouble: the folder holds no authorities, or the port is taken.
    """
    alliance.authorities(folder)
    runner = web.AppRunner(application(folder), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        try:
            await site.start()
        except OSError as error:
            raise Trouble(
                f"无法使用端口 {port}({error.strerror})。请用 --port 指定另一个。",
                f"Cannot use port {port} ({error.strerror}). Name another with --port.",
            ) from error
        ready()
        await until.wait()
    finally:
        await runner.cleanup()


def _named(folder: Path, province: str) -> Authority:
    try:
        return alliance.named(folder, province)
    except Trouble as error:
        raise web.HTTPNotFound from error


def _list(own: Authority, which: str) -> bytes:
    """One of its lists; signed anew once half its time is over."""
    path = own.folder / f"{which}.crl"
    raw = path.read_bytes()
    ends = x509.load_der_x509_crl(raw).next_update_utc
    now_ms = senses.now_ms()
    if ends is None or ends.timestamp() * 1000 < now_ms + authority.CRL_MS // 2:
        own.write_lists(now_ms)
        raw = path.read_bytes()
    return raw


def _answer(own: Authority, question: bytes) -> bytes:
    try:
        asked = ocsp.load_der_ocsp_request(question)
        by_root = _is_of(asked, own, "root")
        if not by_root and not _is_of(asked, own, "issuing"):
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        nonce = _nonce(asked)
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return _unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    return own.answer(asked.serial_number, senses.now_ms(), nonce, by_root=by_root)


def _is_of(asked: ocsp.OCSPRequest, own: Authority, which: str) -> bool:
    """Whether the question is about a certificate of the root's, or of the issuing CA's."""
    issuer = own.root if which == "root" else own.issuing
    digest = hashes.Hash(asked.hash_algorithm)
    digest.update(making.key_bits(issuer.spki))
    return digest.finalize() == asked.issuer_key_hash


def _nonce(asked: ocsp.OCSPRequest) -> bytes:
    try:
        nonce = asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return b""
    return nonce if len(nonce) <= limits.SALT_BYTES else b""


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
