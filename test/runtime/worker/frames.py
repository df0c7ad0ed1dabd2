"""Runs the worker's frame codec over standard input: a byte stream in hex a line; answers each with a line of JSON."""

import io
import json
import sys

sys.path.insert(0, sys.argv[1])
from frames import FrameType, ProtocolError, encode_header, read_frames  # noqa: E402


def frames_of(stream: io.BytesIO, buffer_bytes: int) -> list[dict[str, object]]:
    frames = []
    for type, id, flags, n, context, rest in read_frames(stream.readinto, buffer_bytes):
        body = context + bytes(rest)
        again = encode_header(type, id, len(body), flags, n) + body
        read = {"type": FrameType(type).name, "id": id, "flags": flags, "n": n, "body": body.hex(), "again": again.hex()}
        frames.append(read)
    return frames


for line in sys.stdin:
    try:
        # However small the buffer is, the frames are the same.
        small, large = (frames_of(io.BytesIO(bytes.fromhex(line)), size) for size in (16, 64))
        assert small == large == frames_of(io.BytesIO(bytes.fromhex(line)), 1024)
        answer = {"frames": small}
    except ProtocolError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))
