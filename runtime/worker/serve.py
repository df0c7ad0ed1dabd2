"""A worker's life: connect, load, answer until told to stop."""

import json
import os
from collections.abc import Iterator

from .call import calls_of
from .connection import Connection
from .failure import LoadFailed
from .frames import Frame, FrameType
from .inbox import Inbox
from .isolate import Isolation
from .loader import Start, load

PROTOCOL_VERSION = 2


def serve(socket_path: str, _mark: str = "") -> int:
    connection = Connection(socket_path)
    connection.send_json(FrameType.HELLO, 0, {"protocol": PROTOCOL_VERSION, "pid": os.getpid()})
    frames = connection.frames()
    start = _start(frames)
    isolation = Isolation(connection)
    inbox = Inbox(frames)
    inbox.start()
    try:
        handler = load(start)
    except LoadFailed as error:
        isolation.finish_lines(0)
        connection.send(FrameType.FAILED, 0, error.failure.encode())
        # The user's code may have left threads behind that a regular exit would wait for.
        os._exit(1)
    isolation.finish_lines(0)
    calls = calls_of(handler, connection, isolation)
    inbox.deliver_to(calls)
    connection.send_json(FrameType.READY, 0, handler.to_json())
    calls.run()
    return 0


def _start(frames: Iterator[Frame]) -> Start:
    message = json.loads(next(frames).body)
    return Start(
        handler_dir=message["handlerDir"],
        entry=message["entry"],
        config=message["config"],
        model_dir=message["modelDir"],
        concurrency=message["concurrency"],
    )
