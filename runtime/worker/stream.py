"""One stream on its way out: items become CHUNKs, no more of which are under way than the gateway has allowed,
in number and in bytes.

The first item goes at once. So does each later one that comes slowly; those that come faster than one in 5 ms are
joined, and the flusher sends what a generator that blocks has left behind.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import perf_counter
from typing import Any

from .codec import InvalidResult, check_size, encode
from .frames import STREAM_CREDIT, Flag, FrameType
from .outbox import Outbox

_TOGETHER_SECONDS = 0.005
_FULL_BYTES = 16 * 1024
_MOST_ITEMS = 0xFFFF

# With so much under way, nothing is sent until the gateway gives credit. It does so once a quarter of it has been taken,
# whatever the number of pieces.
_FULL_WINDOW_BYTES = 1024 * 1024

_CHUNK = int(FrameType.CHUNK)


class Stream:
    """Filled by the thread or task that runs the generator, sent by it and by the flusher, credited by the inbox."""

    def __init__(self, id: int, outbox: Outbox, wake: Callable[[], None]) -> None:
        self.is_cancelled = False
        self._id = id
        self._outbox = outbox
        # Called when the generator may go on, from any thread.
        self._wake = wake
        self._lock = Lock()
        self._credit = STREAM_CREDIT
        # The sizes of what was sent and not credited yet, the first in front.
        self._under_way: deque[int] = deque()
        self._bytes_under_way = 0
        self._items: list[bytes] = []
        self._bytes = 0
        self._sent_at = 0.0
        # Whether the items are bytes; the first one decides.
        self._is_raw: bool | None = None

    @property
    def is_held(self) -> bool:
        """Whether the generator must wait until the gateway has room."""
        return not self._has_room and not self.is_cancelled

    @property
    def _has_room(self) -> bool:
        return self._credit > 0 and self._bytes_under_way < _FULL_WINDOW_BYTES

    @property
    def is_unfinished(self) -> bool:
        """Whether items wait that only credit lets out."""
        return bool(self._items) and not self.is_cancelled

    def add(self, item: Any) -> bool:
        """Whether it was sent."""
        encoded = self._encode(item)
        with self._lock:
            self._items.append(encoded)
            self._bytes += len(encoded)
            is_due = perf_counter() - self._sent_at >= _TOGETHER_SECONDS
            if is_due or self._bytes >= _FULL_BYTES or len(self._items) >= _MOST_ITEMS:
                self._send()
            waiting = len(self._items)
        # The flusher keeps what it has not sent.
        if waiting == 1:
            self._outbox.flusher.watch(self)
        return not waiting

    def send_rest(self) -> None:
        """Nothing more comes: what waits for company goes now, as far as credit allows."""
        with self._lock:
            self._send(at_once=False)

    def send_if_due(self, now: float) -> bool:
        with self._lock:
            if now - self._sent_at >= _TOGETHER_SECONDS:
                self._send()
            return bool(self._items) and self._has_room

    def credit(self, chunks: int) -> None:
        with self._lock:
            self._credit += chunks
            for _ in range(min(chunks, len(self._under_way))):
                self._bytes_under_way -= self._under_way.popleft()
            if perf_counter() - self._sent_at >= _TOGETHER_SECONDS:
                self._send()
        if self._items:
            self._outbox.flusher.watch(self)
        self._wake()

    def cancel(self) -> None:
        with self._lock:
            self.is_cancelled = True
            self._items.clear()
        self._wake()

    def _send(self, at_once: bool = True) -> None:
        if not self._items or not self._has_room or self.is_cancelled:
            return
        body, count = b"".join(self._items), len(self._items)
        self._items.clear()
        self._bytes = 0
        self._credit -= 1
        self._under_way.append(len(body))
        self._bytes_under_way += len(body)
        self._sent_at = perf_counter()
        self._outbox.put(_CHUNK, self._id, body, Flag.BYTES if self._is_raw else 0, count)
        if at_once:
            self._outbox.flush()

    def _encode(self, item: Any) -> bytes:
        if self._is_raw is None:
            self._is_raw = isinstance(item, (bytes, bytearray, memoryview))
        if not self._is_raw:
            return encode(item) + b"\n"
        if isinstance(item, str):
            return item.encode("utf-8", "replace")
        if isinstance(item, (bytes, bytearray, memoryview)):
            raw = bytes(item)
            check_size(raw)
            return raw
        message = f"the stream began with bytes, and then an item is of type {type(item).__name__}"
        raise InvalidResult(message, "Yield bytes or text throughout, or no bytes at all.")
