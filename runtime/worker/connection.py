"""The socket to the gateway. Any thread may send; one thread reads.

A worker without its gateway has nobody to answer: when the connection is gone the process ends at once, whatever the
user's code is doing and with what that has started, so that no orphan keeps the model in memory.
"""

import fcntl
import resource
import signal

# The socket module imports much that is not needed to talk to one peer, and how soon a worker is there counts.
from _socket import AF_UNIX, SOCK_STREAM, socket
from collections.abc import Iterator

# Bound here, because the user's code may replace what is in the os module.
from os import _exit, close, getpgrp, getpid, killpg, write
from typing import NoReturn

from .frames import Frame, ProtocolError, read_frames

# What `sys.exit(1)` would give; the gateway, if it still lives, replaces the worker.
_LOST = 1

# What a socket says when its other end was closed. Any other error is of our own end, which the user's code has closed.
_GATEWAY_GONE = (BrokenPipeError, ConnectionResetError)

# Code that closes or replaces descriptors does so with low ones.
_LOWEST_DESCRIPTOR = 100
_DESCRIPTOR = 1000


class Connection:
    def __init__(self, path: str) -> None:
        first = socket(AF_UNIX, SOCK_STREAM)
        first.connect(path)
        self._socket = socket(fileno=fcntl.fcntl(first.fileno(), fcntl.F_DUPFD_CLOEXEC, _out_of_the_way()))
        self._socket.settimeout(None)
        first.close()

    def write(self, data: bytes | bytearray) -> None:
        try:
            self._socket.sendall(data)
        except _GATEWAY_GONE:
            leave_with_children()
        except BaseException:
            # How much was sent nobody knows: every frame after it would be read wrongly.
            _exit(_LOST)

    def frames(self) -> Iterator[Frame]:
        """What the gateway sends, until it closes the connection; then this process ends."""
        try:
            yield from read_frames(self._socket.recv_into)
        except _GATEWAY_GONE:
            leave_with_children()
        except (OSError, ProtocolError) as error:
            complain(f"the connection to the gateway broke: {error}")
            _exit(_LOST)
        leave_with_children()

    def fileno(self) -> int:
        return self._socket.fileno()

    def forget(self) -> None:
        """In a forked child: its copy would keep the connection open after the worker has died."""
        close(self._socket.detach())


def complain(message: str) -> None:
    """Past Python's streams, and also when the user's code has closed the pipe."""
    try:
        write(2, f"worker: {message}\n".encode())
    except OSError:
        pass


def _out_of_the_way() -> int:
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _DESCRIPTOR if most == resource.RLIM_INFINITY or most > _DESCRIPTOR else min(_LOWEST_DESCRIPTOR, most - 1)


def leave_with_children() -> NoReturn:
    """The gateway, which starts each worker as a group of its own and ends the group with it, can do so no more."""
    if getpgrp() == getpid():
        killpg(getpgrp(), signal.SIGKILL)
    _exit(_LOST)
