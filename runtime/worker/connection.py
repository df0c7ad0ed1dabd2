"""The socket to the gateway. Any thread may send; one thread reads.

A worker without its gateway has nobody to answer: when the connection is gone the process ends at once, whatever the
user's code is doing and with what that has started, so that no orphan keeps the model in memory.
"""

import json
import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Iterator
from io import BufferedReader
from typing import Any, NoReturn

from .frames import Frame, FrameType, ProtocolError, encode_header, read_frame

# Joining header and body saves a system call; for big bodies the copy costs more than the call.
_JOIN_BELOW_BYTES = 64 * 1024

# What `sys.exit(1)` would give; the gateway, if it still lives, replaces the worker.
_LOST = 1

# What a socket says when its other end was closed. Any other error is of our own end, which the user's code has closed.
_GATEWAY_GONE = (BrokenPipeError, ConnectionResetError)


class Connection:
    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(None)
        self._socket.connect(path)
        self._stream = BufferedReader(self._socket.makefile("rb", buffering=0), _JOIN_BELOW_BYTES)
        # Frames wait here only while the same thread, in a signal handler or a `__del__` that prints, comes back in
        # the middle of a frame: the outer call sends them after its own.
        self._unsent: deque[tuple[bytes, ...]] = deque()
        self._lock = threading.RLock()
        self._is_sending = False

    def send(self, type: FrameType, id: int, body: bytes) -> None:
        header = encode_header(type, id, len(body))
        with self._lock:
            self._unsent.append((header + body,) if len(body) < _JOIN_BELOW_BYTES else (header, body))
            if not self._is_sending:
                self._send_all()

    def _send_all(self) -> None:
        self._is_sending = True
        try:
            while self._unsent:
                for chunk in self._unsent.popleft():
                    self._socket.sendall(chunk)
        except _GATEWAY_GONE:
            _leave_with_children()
        except OSError:
            os._exit(_LOST)
        finally:
            self._is_sending = False

    def send_json(self, type: FrameType, id: int, message: dict[str, Any]) -> None:
        self.send(type, id, json.dumps(message, separators=(",", ":")).encode())

    def frames(self) -> Iterator[Frame]:
        """What the gateway sends, until it closes the connection; then this process ends."""
        try:
            while (frame := read_frame(self._stream)) is not None:
                yield frame
        except _GATEWAY_GONE:
            _leave_with_children()
        except (OSError, ProtocolError) as error:
            os.write(2, f"worker: the connection to the gateway broke: {error}\n".encode())
            os._exit(_LOST)
        _leave_with_children()

    def forget(self) -> None:
        """In a forked child: its copy would keep the connection open after the worker has died."""
        os.close(self._socket.detach())


def _leave_with_children() -> NoReturn:
    """The gateway, which starts each worker as a group of its own and ends the group with it, can do so no more."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(_LOST)
