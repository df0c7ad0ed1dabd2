"""Frames on their way to the gateway, joined into as few writes as their hurry allows.

Any thread puts frames in, also a signal handler or a `__del__` that prints in the middle of a write: appending to the
queue is one step that nothing can interrupt, and whoever finds the socket taken leaves its frames to the one who has it.
"""

import os
from collections import deque
from collections.abc import Callable
from threading import Lock, get_ident
from typing import Any

from .flusher import Flusher
from .frames import HEADER, MAX_BODY_BYTES, ProtocolError
from .own_json import to_json_text

# Joining saves system calls; for big bodies the copy costs more than the call.
_JOIN_BELOW_BYTES = 64 * 1024

_MOST_BUFFERED_BYTES = 1024 * 1024
_LONGEST_WAIT_SECONDS = 1.0
_MOST_ROUNDS = 3

_pack = HEADER.pack

# More than lie between a line that the user's code prints and the system call that sends it.
_LEVELS = 12


def _need_stack(levels: int) -> None:
    """An endless recursion that prints meets its end here, where nothing is half done, and never within a write."""
    if levels:
        _need_stack(levels - 1)


class Outbox:
    def __init__(self, write: Callable[[bytes | bytearray], None]) -> None:
        self._write = write
        # Header and body of a big frame are one entry, so that no other frame comes between them.
        self._frames: deque[tuple[bytes, bytes | bytearray]] = deque()
        # By feel: threads that add to it at once may lose a few bytes.
        self._buffered_bytes = 0
        self._socket_taken = Lock()
        # The thread that has it, as far as is known.
        self._sender: int | None = None
        self._is_abandoned = False
        self.flusher = Flusher(self)

    def put(self, type: int, id: int, body: bytes | bytearray = b"", flags: int = 0, n: int = 0) -> None:
        """Queues a frame; `flush`, or the flusher once it was told, sends it."""
        if self._is_abandoned:
            # A forked child that came back from the user's code instead of ending there.
            os._exit(0)
        size = len(body)
        if size > MAX_BODY_BYTES:
            raise ProtocolError(f"a body of {size} bytes is larger than {MAX_BODY_BYTES}")
        header = _pack(size, id, type, flags, n)
        self._frames.append((header + body, b"") if size < _JOIN_BELOW_BYTES else (header, body))
        self._buffered_bytes += size

    def send(self, type: int, id: int, body: bytes | bytearray = b"", flags: int = 0, n: int = 0) -> None:
        self.put(type, id, body, flags, n)
        self.flush()

    def send_json(self, type: int, id: int, message: dict[str, Any]) -> None:
        _need_stack(_LEVELS)
        self.send(type, id, to_json_text(message).encode())

    def settle(self, may_wait: bool) -> None:
        """Sends what is queued, or leaves it to be joined by an answer that comes within a millisecond."""
        if may_wait and self._buffered_bytes < _JOIN_BELOW_BYTES:
            if not self.flusher.is_awake:
                self.flusher.wake()
        else:
            self.flush()

    def flush(self) -> bool:
        """Whether there was something to send."""
        had = False
        # Whoever has the socket looks again after giving it back, so that no frame is left behind.
        for _ in range(_MOST_ROUNDS):
            if not self._frames or not self._take_socket():
                return had
            had = True
            self._sender = get_ident()
            try:
                self._send_all()
            finally:
                self._sender = None
                self._socket_taken.release()
        # Others add as fast as this thread sends, and it has work of its own.
        if self._frames:
            self.flusher.wake()
        return had

    def _take_socket(self) -> bool:
        if self._socket_taken.acquire(False):
            return True
        # A thread that prints without end must not fill the memory while another one sends. Nobody waits for himself.
        if self._buffered_bytes < _MOST_BUFFERED_BYTES or self._sender == get_ident():
            return False
        return self._socket_taken.acquire(timeout=_LONGEST_WAIT_SECONDS)

    def _send_all(self) -> None:
        frames, joined = self._frames, []
        self._buffered_bytes = 0
        # Those that are there now: a thread that adds without end would keep the others' from ever being written.
        for _ in range(len(frames)):
            frame, body = frames.popleft()
            joined.append(frame)
            if body:
                self._write(b"".join(joined))
                self._write(body)
                joined.clear()
        if joined:
            self._write(joined[0] if len(joined) == 1 else b"".join(joined))

    def abandon(self) -> None:
        """In a forked child: these frames are the parent's to send."""
        self._is_abandoned = True
        self._frames.clear()
        self._socket_taken = Lock()
