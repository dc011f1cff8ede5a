"""What every page is served with, whichever process stands in front of the person.

Owns headers, how long a file may be kept, and whose name a request bears. A page loads nothing from
elsewhere and speaks to nobody but its server and the UKey program beside it (Content-Security-Policy);
requests under another name than the process's own are turned away (DNS rebinding). Pure: the doors that serve
are `sub_venue.seats.pages` and `server.gateway.pages`.
Sources: OWASP Secure Headers Project, OWASP WebSocket Security Cheat Sheet.
"""

import re
from typing import Final

UKEY_PORT: Final = 7_791
"""Where the UKey program listens on the person's own machine (SPEC 19.7)."""
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' http://127.0.0.1:{UKEY_PORT}; "
    "media-src 'self' blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MASKING: Final = frozenset({"expert"})
"""Pages that find faces (SPEC 31.5): they may compile WebAssembly of their own server besides."""
HEADERS: Final = {
    "Content-Security-Policy": _CSP,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
}
"""What every answer carries that does not say otherwise itself."""


def page_headers(page: str) -> dict[str, str]:
    """What a page's files are served with besides, or instead.

    >>> "'wasm-unsafe-eval'" in page_headers("expert")["Content-Security-Policy"], page_headers("agent")
    (True, {})
    """
    if page not in _MASKING:
        return {}
    own = _CSP.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", 1)
    return {"Content-Security-Policy": own}


LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
NOT_BUILT: Final = (
    "页面尚未构建。请运行 ops/run --prepare。\nThe pages are not built yet. Run ops/run --prepare.\n"
)
NO_SUCH_PAGE: Final = "没有此页面。\nThere is no such page.\n"
_FOR_EVER = "public, max-age=31536000, immutable"
_NAMED_BY_CONTENT = re.compile(r"^assets/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$")


def cache_control(name: str) -> str:
    """How long a page's file may be kept: for ever if its name tells its content, else it is asked for anew.

    >>> cache_control("index.html"), cache_control("assets/index-a1B2c3D4.js")
    ('no-cache', 'public, max-age=31536000, immutable')
    """
    return _FOR_EVER if _NAMED_BY_CONTENT.match(name) else "no-cache"


def host_name(host: str) -> str:
    """The name in a Host header, without its port.

    >>> host_name("hefei.localhost:7710"), host_name("[::1]:7710"), host_name("")
    ('hefei.localhost', '::1', '')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_own_name(host: str, own: str, *, loopback: bool) -> bool:
    """Whether a request's name is the process's own; on loopback also the names of this machine."""
    return host == own or (loopback and host in LOOPBACK_NAMES)
