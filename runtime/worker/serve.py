"""A worker's life: connect, load, answer until told to stop."""

import json
import os
import sys
from collections.abc import Iterator

from .connection import Connection
from .frames import Frame, FrameType
from .outbox import Outbox

PROTOCOL_VERSION = 2

# A thread that computes in Python lets others have their turn this often: the reading thread, which sees a CANCEL, and
# the one that sends finished answers. Python's own 5 ms are longer than an answer may wait.
_TURN_SECONDS = 0.001


def serve(socket_path: str, mark_path: str | None = None) -> int:
    connection = Connection(socket_path)
    outbox = Outbox(connection.write)
    outbox.send_json(FrameType.HELLO, 0, {"protocol": PROTOCOL_VERSION, "pid": os.getpid()})
    frames = connection.frames()
    # Imported while the gateway writes START.
    from .call import Worker
    from .early import calls_of, import_early
    from .failure import LoadFailed
    from .handler_api import offer
    from .inbox import Inbox
    from .isolate import Isolation
    from .loader import load
    from .mark import mark_at
    from .metrics import metrics

    # The worker's own modules have theirs, also where that was forbidden: compiling them takes longer than all the rest.
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)
    start = _start(frames)
    import_early(os.path.join(start.handler_dir, start.entry), start.concurrency)
    isolation = Isolation(connection, outbox)
    sys.setswitchinterval(_TURN_SECONDS)
    inbox = Inbox(frames)
    inbox.start()
    offer()
    try:
        handler = load(start)
    except LoadFailed as error:
        isolation.finish_lines(0)
        outbox.send(FrameType.FAILED, 0, error.failure.encode())
        # The user's code may have left threads behind that a regular exit would wait for.
        os._exit(1)
    isolation.finish_lines(0)
    begin = mark_at(mark_path, several_at_once=handler.is_async or handler.concurrency > 1)
    calls = calls_of(Worker(handler, outbox, isolation, begin))
    inbox.deliver_to(calls)
    outbox.flusher.start()
    outbox.send_json(FrameType.READY, 0, handler.to_json())
    metrics.send_to(outbox)
    calls.run()
    metrics.flush()
    outbox.flush()
    return 0


def _start(frames: Iterator[Frame]) -> "Start":
    from .loader import Start

    message = json.loads(next(frames)[5])
    return Start(
        handler_dir=message["handlerDir"],
        entry=message["entry"],
        config=message["config"],
        model_dir=message["modelDir"],
        concurrency=message["concurrency"],
    )
