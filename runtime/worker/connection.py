"""The socket to the gateway. Any thread may send; one thread reads.

A worker without its gateway has nobody to answer: when the connection is gone the process ends at once, whatever the
user's code is doing, so that no orphan keeps the model in memory.
"""

import json
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any

from .frames import Frame, FrameType, ProtocolError, encode_header, read_frame

# Joining header and body saves a system call; for big bodies the copy costs more than the call.
_JOIN_BELOW_BYTES = 64 * 1024

# What `sys.exit(1)` would give; the gateway, if it still lives, replaces the worker.
_LOST = 1


class Connection:
    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(None)
        self._socket.connect(path)
        self._stream = self._socket.makefile("rb", buffering=_JOIN_BELOW_BYTES)
        self._sending = threading.Lock()

    def send(self, type: FrameType, id: int, body: bytes) -> None:
        header = encode_header(type, id, len(body))
        chunks = (header + body,) if len(body) < _JOIN_BELOW_BYTES else (header, body)
        with self._sending:
            try:
                for chunk in chunks:
                    self._socket.sendall(chunk)
            except OSError:
                os._exit(_LOST)

    def send_json(self, type: FrameType, id: int, message: dict[str, Any]) -> None:
        self.send(type, id, json.dumps(message, separators=(",", ":")).encode())

    def frames(self) -> Iterator[Frame]:
        """What the gateway sends, until it closes the connection; then this process ends."""
        try:
            while (frame := read_frame(self._stream)) is not None:
                yield frame
        except (OSError, ProtocolError) as error:
            os.write(2, f"worker: the connection to the gateway broke: {error}\n".encode())
        os._exit(_LOST)

    def forget(self) -> None:
        """In a forked child: its copy would keep the connection open after the worker has died."""
        os.close(self._socket.fileno())
