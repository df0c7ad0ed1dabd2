"""Frames: what gateway and worker say to each other over the socket, little-endian.

    | u32 length of the body | u32 id | u8 type | u8 flags | u16 n | body ... |

Mirrors the gateway's `frames.ts` byte for byte; `test/fixtures/frames.json` tests both. The peer is not trusted: a
header that breaks the rules is a `ProtocolError`, and nothing is read after it.
"""

import struct
from enum import IntEnum
from io import BufferedIOBase
from typing import NamedTuple

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

# CHUNKs that a worker may send of one stream before it is given CREDIT for more.
STREAM_CREDIT = 8

# A duration in `n`: microseconds below this, else this and milliseconds; 33 s is the longest that it says.
_MILLISECONDS = 0x8000


def duration(seconds: float) -> int:
    """How `n` says how long a call took."""
    microseconds = int(seconds * 1_000_000)
    return microseconds if microseconds < _MILLISECONDS else min(0xFFFF, _MILLISECONDS + microseconds // 1000)


class Frame(NamedTuple):
    type: FrameType
    id: int
    flags: int
    n: int
    body: bytes | bytearray


class ProtocolError(Exception):
    """The peer sent something that is no frame: the connection is lost."""


def encode_header(type: FrameType, id: int, body_bytes: int, flags: int = 0, n: int = 0) -> bytes:
    if body_bytes > MAX_BODY_BYTES:
        raise ProtocolError(f"a body of {body_bytes} bytes is larger than {MAX_BODY_BYTES}")
    return HEADER.pack(body_bytes, id, type, flags, n)


def read_frame(stream: BufferedIOBase) -> Frame | None:
    """The next frame; None when the peer closed the connection between two frames."""
    header = stream.read(HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise ProtocolError("the connection ended inside a header")
    type, id, body_bytes, flags, n = _decode_header(header)
    body = bytearray(body_bytes)
    if stream.readinto(body) < body_bytes:
        raise ProtocolError("the connection ended inside a body")
    return Frame(type, id, flags, n, body)


def _decode_header(header: bytes) -> tuple[FrameType, int, int, int, int]:
    body_bytes, id, type, flags, n = HEADER.unpack(header)
    if body_bytes > MAX_BODY_BYTES:
        raise ProtocolError(f"a body of {body_bytes} bytes is larger than {MAX_BODY_BYTES}")
    if flags > _ALL_FLAGS:
        raise ProtocolError(f"flags {flags} mean nothing in this version")
    try:
        return FrameType(type), id, body_bytes, flags, n
    except ValueError:
        raise ProtocolError(f"{type} is no frame type") from None
