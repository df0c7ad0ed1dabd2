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


class Frame(NamedTuple):
    type: FrameType
    id: int
    body: bytes | bytearray


class ProtocolError(Exception):
    """The peer sent something that is no frame: the connection is lost."""


def encode_header(type: FrameType, id: int, body_bytes: int) -> bytes:
    if body_bytes > MAX_BODY_BYTES:
        raise ProtocolError(f"a body of {body_bytes} bytes is larger than {MAX_BODY_BYTES}")
    return HEADER.pack(body_bytes, id, type, 0, 0)


def read_frame(stream: BufferedIOBase) -> Frame | None:
    """The next frame; None when the peer closed the connection between two frames."""
    header = stream.read(HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise ProtocolError("the connection ended inside a header")
    type, id, body_bytes = _decode_header(header)
    body = bytearray(body_bytes)
    if stream.readinto(body) < body_bytes:
        raise ProtocolError("the connection ended inside a body")
    return Frame(type, id, body)


def _decode_header(header: bytes) -> tuple[FrameType, int, int]:
    body_bytes, id, type, flags, n = HEADER.unpack(header)
    if body_bytes > MAX_BODY_BYTES:
        raise ProtocolError(f"a body of {body_bytes} bytes is larger than {MAX_BODY_BYTES}")
    if flags or n:
        raise ProtocolError(f"flags {flags} and n {n} mean nothing in this version")
    try:
        return FrameType(type), id, body_bytes
    except ValueError:
        raise ProtocolError(f"{type} is no frame type") from None
