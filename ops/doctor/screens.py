"""What people see: the built pages, a browser that can open them, and the fonts of pages and documents."""

import re
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from ops import stack
from ops.doctor.check import Check, first_line

NODE_MIN: Final = (20, 19)
BROWSERS: Final = (
    ("Chromium", 137, ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")),
    ("Firefox", 130, ("firefox", "firefox-esr")),
)  # fmt: skip
"""Name, first version with Ed25519 in WebCrypto (which seat keys need), and programs that are one."""
DOCUMENT_FONTS: Final = "pylopdf-fonts-zh-cn"
_FONT_FILES = (".otf", ".ttf", ".ttc")


def look() -> Iterator[Check]:
    """Node.js and the pages, browser, fonts."""
    yield from _pages()
    yield _browser()
    yield _document_fonts()
    yield _page_fonts()


def pages() -> tuple[str, ...]:
    """The folders of all pages, from the project's folder."""
    manifests = stack.PROJECT.glob("*/web/*/package.json")
    return tuple(sorted(str(one.parent.relative_to(stack.PROJECT)) for one in manifests))


def _pages() -> Iterator[Check]:
    missing = [page for page in pages() if not (stack.PROJECT / page / "dist" / "index.html").exists()]
    text = first_line("node", "--version") or ""
    numbers = tuple(int(part) for part in text.removeprefix("v").split(".")[:2] if part.isdecimal())
    said = f"Node.js {text}" if text else "Node.js"
    yield Check(
        "node", numbers >= NODE_MIN, bool(missing),
        said if text else "没有 Node.js", said if text else "no Node.js",
        "构建网页需要 Node.js 20.19 或更新版本,请安装(含 npm)。",
        "Building the pages needs Node.js 20.19 or newer; install it with npm.",
    )  # fmt: skip
    names = "、".join(missing)
    yield Check(
        "pages", not missing, True,
        f"网页尚未构建:{names}" if missing else "网页均已构建",
        f"pages are not built: {names}" if missing else "all pages are built",
        "请运行 ./ops/run --prepare。", "Run ./ops/run --prepare.",
    )  # fmt: skip


def _browser() -> Check:
    found: list[str] = []
    old: list[str] = []
    for name, least, programs in BROWSERS:
        path = next((path for one in programs if (path := shutil.which(one))), None)
        if path is None:
            continue
        version = re.search(r"(\d+)\.", first_line(path, "--version") or "")
        told = f"{name} {version[1] if version else '?'}({path})"
        (found if version and int(version[1]) >= least else old).append(told)
    said = "、".join(found or old)
    return Check(
        "browser", bool(found), False,
        f"浏览器:{said}" if said else "本机没有可用的浏览器",
        f"browser: {said}" if said else "no browser on this machine",
        "请安装 Chromium 137 或 Firefox 130 以上的浏览器(Debian:apt-get install chromium)。"
        "*.localhost 的网址只能在本机的浏览器中打开。",
        "Install Chromium 137 or Firefox 130 or newer (Debian: apt-get install chromium). Addresses of "
        "*.localhost open only in a browser on this machine.",
    )  # fmt: skip


def _document_fonts() -> Check:
    try:
        files = distribution(DOCUMENT_FONTS).files or []
        fonts = [one for one in files if one.suffix in _FONT_FILES and Path(str(one.locate())).is_file()]
    except PackageNotFoundError:
        fonts = []
    return Check(
        "document_fonts", bool(fonts), True,
        f"文书字体:随附 {len(fonts)} 个思源字体文件" if fonts else "缺少文书所用的中文字体",
        f"document fonts: {len(fonts)} Noto files come with the project" if fonts
        else "the Chinese fonts of reports and documents are missing",
        "请重新运行 ./ops/run --prepare。", "Run ./ops/run --prepare again.",
    )  # fmt: skip


def _page_fonts() -> Check:
    there = bool(first_line("fc-list", ":lang=zh-cn", "family"))
    return Check(
        "page_fonts", there, False,
        "网页中文字体:已安装" if there else "本机没有中文字体",
        "Chinese fonts for pages are installed" if there else "no Chinese fonts on this machine",
        "请安装中文字体,否则网页上的汉字会显示为方框(Debian:apt-get install fonts-noto-cjk)。",
        "Install Chinese fonts, else pages show boxes for characters (Debian: apt-get install "
        "fonts-noto-cjk).",
    )  # fmt: skip
