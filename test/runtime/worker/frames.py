"""Runs the worker's frame codec over standard input: a byte stream in hex a line; answers each with a line of JSON."""

import io
import json
import sys

sys.path.insert(0, sys.argv[1])
from frames import ProtocolError, encode_header, read_frame  # noqa: E402


def frames_of(stream: io.BufferedReader) -> list[dict[str, object]]:
    frames = []
    while (frame := read_frame(stream)) is not None:
        type, id, flags, n, body = frame
        again = encode_header(type, id, len(body), flags, n) + body
        read = {"type": type.name, "id": id, "flags": flags, "n": n, "body": body.hex(), "again": again.hex()}
        frames.append(read)
    return frames


for line in sys.stdin:
    try:
        answer = {"frames": frames_of(io.BufferedReader(io.BytesIO(bytes.fromhex(line)), buffer_size=16))}
    except ProtocolError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))
