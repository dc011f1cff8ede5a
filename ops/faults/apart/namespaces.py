"""Networks of their own for a try: made without a name, so that the kernel ends them with their last user.

Owns network namespaces (namespaces(7)), the addresses in them and the TUN devices that lines are made of. No
name is given and nothing is mounted: whatever ends the command, SIGKILL as well, leaves nothing behind. Linux
only, and only for who may make them; `make` says so otherwise. Must not know what the places are for.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import struct
from collections.abc import Iterator
from typing import Final, Self

from ops.trouble import Trouble

PREFIX_BITS: Final = 24
"""Each line is a network of so many bits."""
MTU_BYTES: Final = 1_500
_NEWNET: Final = 0x40000000
_DEATH: Final = 1
_SET_ADDRESS, _SET_MASK, _SET_FLAGS, _SET_MTU = 0x8916, 0x891C, 0x8914, 0x8922
_TUN_MAKE: Final = 0x400454CA
_TUN: Final = 0x0001 | 0x1000
"""IP packets without a head of the kernel's own (IFF_TUN, IFF_NO_PI)."""
_UP: Final = 0x0001 | 0x0040
_MINE: Final = "/proc/thread-self/ns/net"


class Place:
    """A network of its own, as long as this process or one started within it lives."""

    def __init__(self, handle: int) -> None:
        """Hold an open namespace; see `make`."""
        self._handle = handle

    @classmethod
    def make(cls) -> Self:
        """A new one, with nothing in it but its loopback.

        Raises:
          Trouble: this machine does not let us.
        """
        if not os.path.exists("/dev/net/tun"):  # noqa: PTH110 - a device
            raise _refused("/dev/net/tun")
        with _back_afterwards():
            try:
                _call("unshare", _NEWNET)
            except (OSError, AttributeError) as error:
                raise _refused(str(error)) from error
            _configure("lo", "127.0.0.1", 8)
            return cls(os.open(_MINE, os.O_RDONLY | os.O_CLOEXEC))

    @classmethod
    def here(cls) -> Self:
        """The one that this process is in."""
        return cls(os.open(_MINE, os.O_RDONLY | os.O_CLOEXEC))

    @property
    def path(self) -> str:
        """Where another process of the same user finds it while this one lives."""
        return f"/proc/{os.getpid()}/fd/{self._handle}"

    def enter(self) -> None:
        """Be there from now on: sockets and processes that this thread makes are there."""
        _call("setns", self._handle, _NEWNET)

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """Be there for a block that waits for nothing; a socket that is made in it stays there."""
        with _back_afterwards():
            self.enter()
            yield

    def listen(self, address: str, port: int) -> socket.socket:
        """A listening TCP socket of this place.

        Raises:
          OSError: the port is taken.
        """
        with self.inside():
            made = socket.create_server((address, port))
        made.setblocking(False)
        return made

    def readdress(self, device: str, address: str) -> None:
        """Give a device another address in place of the one it has."""
        with self.inside():
            _configure(device, address, PREFIX_BITS)

    def close(self) -> None:
        """Hold it no more."""
        os.close(self._handle)


def tun(device: str, address: str) -> int:
    """A TUN device where this thread is, up, and its handle; gone with the handle.

    Raises:
      OSError: it cannot be made.
    """
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(handle, _TUN_MAKE, struct.pack("16sH22x", device.encode(), _TUN))
    _configure(device, address, PREFIX_BITS, mtu=MTU_BYTES)
    return handle


def enter(path: str) -> None:
    """Let this thread be in a namespace that another process holds."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("setns", handle, _NEWNET)
    finally:
        os.close(handle)


def die_with_parent() -> None:
    """Let the kernel end this process when the one that started it ends (prctl(2), PR_SET_PDEATHSIG)."""
    _call("prctl", _DEATH, signal.SIGKILL)


@contextlib.contextmanager
def _back_afterwards() -> Iterator[None]:
    before = os.open(_MINE, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield
    finally:
        _call("setns", before, _NEWNET)
        os.close(before)


def _configure(device: str, address: str, bits: int, *, mtu: int = 0) -> None:
    name = device.encode()
    mask = socket.inet_ntoa(struct.pack("!I", 0xFFFFFFFF << 32 - bits & 0xFFFFFFFF))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        if mtu:
            fcntl.ioctl(asking, _SET_MTU, struct.pack("16si20x", name, mtu))
        for what, told in ((_SET_ADDRESS, address), (_SET_MASK, mask)):
            fcntl.ioctl(
                asking, what, struct.pack("16sHH4s16x", name, socket.AF_INET, 0, socket.inet_aton(told))
            )
        fcntl.ioctl(asking, _SET_FLAGS, struct.pack("16sH22x", name, _UP))


def _call(name: str, *arguments: int) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _refused(why: str) -> Trouble:
    return Trouble(
        f"此机器不允许建立独立网络({why})。请以 root 身份在 Linux 上运行,并确认有 /dev/net/tun。",
        f"This machine does not let networks be made ({why}). Run it as root on Linux, with /dev/net/tun.",
        2,
    )
