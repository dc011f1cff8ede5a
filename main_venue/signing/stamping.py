"""Time-stamps over HTTP (RFC 3161, 3.4) from the authority that an installation names.

Owns the exchange: one request, bounded in time and size, no redirection followed. What comes back is checked
for the nonce by the library and judged with the signature; nothing is believed because of where it came from.
"""

from typing import Any, Final

import aiohttp
from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko.sign.timestamps.common_utils import extract_ts_certs, handle_tsp_response
from pyhanko_certvalidator.registry import SimpleCertificateStore

STAMP_S_MAX: Final = 10
"""How long a time-stamp is waited for, seconds."""
STAMP_BYTES_MAX: Final = 65_536
QUERY: Final = "application/timestamp-query"
REPLY: Final = "application/timestamp-reply"


class StampFault(Exception):
    """No time-stamp came; both texts say what to do."""

    def __init__(self, why: str) -> None:
        """Keep why, and both texts."""
        self.zh = f"未能取得时间戳({why})。请确认时间戳服务已启动、地址无误后重试。"
        self.en = (
            f"No time-stamp came ({why}). See that the time-stamping service runs at that address, and try "
            "again."
        )
        super().__init__(self.en)


class Stamper(TimeStamper):
    """An authority at an address; asks over a session of the caller's."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        """Ask at an address, with the caller's HTTP session."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._http, self._url = http, url

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """A token over a digest.

        Raises:
          StampFault: the authority does not answer, refuses, or answers something else.
        """
        nonce, asked = self.request_cms(message_digest, md_algorithm)  # type: ignore[no-untyped-call]
        answer = await self.async_request_tsa_response(asked)
        try:
            return handle_tsp_response(answer, nonce)
        except (TimestampRequestError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise StampFault("refused, or another answer") from error

    async def chain(self) -> tuple[bytes, ...]:
        """The authority's certificate and those that it sends along, DER, its own first.

        Raises:
          StampFault: as above.
        """
        token = await self.async_timestamp(bytes(32), "sha256")
        store = SimpleCertificateStore()
        try:
            own = [one.dump() for one in extract_ts_certs(token, store)]
        except (ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
            raise StampFault("a time-stamp without certificates") from error
        return tuple(dict.fromkeys((*own, *(one.dump() for one in store))))

    async def async_request_tsa_response(self, req: Any) -> Any:
        """The authority's answer to one request.

        Raises:
          StampFault: as above.
        """
        timeout = aiohttp.ClientTimeout(total=STAMP_S_MAX)
        try:
            async with self._http.post(
                self._url, data=req.dump(), headers={"Content-Type": QUERY}, timeout=timeout,
                allow_redirects=False,
            ) as answer:  # fmt: skip
                raw = await answer.content.read(STAMP_BYTES_MAX + 1)
                if answer.status != 200 or answer.content_type != REPLY or len(raw) > STAMP_BYTES_MAX:
                    raise StampFault(f"HTTP {answer.status}")
                return tsp.TimeStampResp.load(raw)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise StampFault(type(error).__name__) from error
