"""Frames: what gateway and worker say to each other over the socket, little-endian.

    | u32 length of the body | u32 id | u8 type | u8 flags | u16 n | body ... |

Mirrors the gateway's `frames.ts` byte for byte; `test/fixtures/frames.json` tests both. The peer is not trusted: a
header that breaks the rules is a `ProtocolError`, and nothing is read after it.
"""

import struct
from collections.abc import Callable, Iterator
from enum import IntEnum

HEADER = struct.Struct("<IIBBH")

# Room for the largest body a gateway admits many times over, and still a bound on what one bad header can allocate.
MAX_BODY_BYTES = 256 * 1024 * 1024


class FrameType(IntEnum):
    HELLO = 1
    START = 2
    READY = 3
    FAILED = 4
    REQUEST = 5
    RESULT = 6
    ERROR = 7
    CANCEL = 8
    LOG = 9
    STOP = 10
    CHUNK = 11
    END = 12
    CREDIT = 13
    BATCH = 14
    METRIC = 15
    FORK = 16
    FORKED = 17
    EXIT = 18


class Flag:
    """What the bits of a frame's flags mean."""

    # REQUEST, RESULT: the body is packed arrays (`packed.py`) and not JSON.
    PACKED = 1
    # REQUEST: the answer may be packed.
    ARRAYS = 2
    # REQUEST: the arrays have one row for each item of the batch.
    ROWS = 4
    # CHUNK: raw bytes and not lines of JSON.
    BYTES = 8


_ALL_FLAGS = 15
_LAST_TYPE = int(FrameType.EXIT)
_REQUEST = int(FrameType.REQUEST)

# CHUNKs that a worker may send of one stream before it is given CREDIT for more.
STREAM_CREDIT = 8

# A duration in `n`: microseconds below this, else this and milliseconds; 33 s is the longest that it says.
_MILLISECONDS = 0x8000


def duration(seconds: float) -> int:
    """How `n` says how long a call took."""
    microseconds = int(seconds * 1_000_000)
    return microseconds if microseconds < _MILLISECONDS else min(0xFFFF, _MILLISECONDS + microseconds // 1000)


class ProtocolError(Exception):
    """The peer sent something that is no frame: the connection is lost."""


def encode_header(type: int, id: int, body_bytes: int, flags: int = 0, n: int = 0) -> bytes:
    if body_bytes > MAX_BODY_BYTES:
        raise ProtocolError(f"a body of {body_bytes} bytes is larger than {MAX_BODY_BYTES}")
    return HEADER.pack(body_bytes, id, type, flags, n)


# type, id, flags, n, context, body. The context is the first n bytes of a REQUEST, cut off so that arrays in the body
# stay aligned; other frames have none. A plain tuple: it is made for every request.
Frame = tuple[int, int, int, int, bytes, bytes | bytearray]


def read_frames(receive: Callable[[memoryview], int], buffer_bytes: int = 256 * 1024) -> Iterator[Frame]:
    """The frames of a byte stream, until it ends between two of them. `receive` fills a buffer and says how far."""
    buffer = bytearray(buffer_bytes)
    view = memoryview(buffer)
    start = end = 0
    unpack, header_bytes = HEADER.unpack_from, HEADER.size
    while got := receive(view[end:]):
        end += got
        while end - start >= header_bytes:
            size, id, type, flags, n = unpack(buffer, start)
            context_bytes = _check(size, type, flags, n)
            body = start + header_bytes + context_bytes
            stop = start + header_bytes + size
            if stop <= end:
                context = bytes(view[body - context_bytes : body]) if context_bytes else b""
                start = stop
                # Arrays are views of their body, and code that normalises in place must be able to.
                whole = bytearray(view[body:stop]) if flags & Flag.PACKED else bytes(view[body:stop])
                yield type, id, flags, n, context, whole
            elif header_bytes + size > buffer_bytes // 2:
                came = view[start + header_bytes : end]
                start = end = 0
                yield type, id, flags, n, *_gather(receive, bytes(came[:context_bytes]), context_bytes, came, size)
            else:
                break
        if start:
            view[: end - start] = bytes(view[start:end])
            start, end = 0, end - start
    if end:
        raise ProtocolError(f"the connection ended inside a {'header' if end < header_bytes else 'body'}")


def _gather(
    receive: Callable[[memoryview], int], context: bytes, context_bytes: int, came: memoryview, size: int
) -> tuple[bytes, bytearray]:
    """A large body, received straight into a buffer of its announced length."""
    rest = bytearray(context_bytes - len(context))
    _fill(receive, memoryview(rest), 0)
    body = bytearray(size - context_bytes)
    already = came[context_bytes:]
    body[: len(already)] = already
    _fill(receive, memoryview(body), len(already))
    return context + rest, body


def _fill(receive: Callable[[memoryview], int], view: memoryview, filled: int) -> None:
    while filled < len(view):
        if not (got := receive(view[filled:])):
            raise ProtocolError("the connection ended inside a body")
        filled += got


def _check(size: int, type: int, flags: int, n: int) -> int:
    """Refuses a header that breaks the rules; says how much of the body is context."""
    if size > MAX_BODY_BYTES:
        raise ProtocolError(f"a body of {size} bytes is larger than {MAX_BODY_BYTES}")
    if flags > _ALL_FLAGS:
        raise ProtocolError(f"flags {flags} mean nothing in this version")
    if not 0 < type <= _LAST_TYPE:
        raise ProtocolError(f"{type} is no frame type")
    if type != _REQUEST:
        return 0
    if n > size:
        raise ProtocolError(f"a context of {n} bytes is longer than its frame of {size}")
    return n
