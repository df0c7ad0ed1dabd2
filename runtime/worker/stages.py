"""The stages between a worker's HELLO and its end: a spawned one goes through them in one process, a forked one is loaded
in its zygote and answers by itself.

Imported before the handler is loaded, with all that they need: afterwards a `queue.py` of the user's would hide Python's.
"""

import json
import os
import sys
from collections.abc import Iterator

from .call import Worker
from .connection import Connection
from .early import calls_of, import_early
from .failure import LoadFailed
from .frames import Frame, FrameType
from .handler_api import offer
from .imports import end_own_imports
from .inbox import Inbox
from .isolate import Isolation
from .loader import Handler, Start, load
from .mark import mark_at
from .metrics import metrics
from .outbox import Outbox

# A thread that computes in Python lets others have their turn this often: the reading thread, which sees a CANCEL, and
# the one that sends finished answers. Python's own 5 ms are longer than an answer may wait.
_TURN_SECONDS = 0.001


def read_start(frames: Iterator[Frame]) -> Start:
    message = json.loads(next(frames)[5])
    return Start(
        handler_dir=message["handlerDir"],
        entry=message["entry"],
        config=message["config"],
        model_dir=message["modelDir"],
        concurrency=message["concurrency"],
    )


def isolate(start: Start, connection: Connection, outbox: Outbox) -> Isolation:
    """The last stage before the user's code runs."""
    import_early(start.handler_dir, start.entry, start.concurrency)
    end_own_imports()
    isolation = Isolation(connection, outbox)
    sys.setswitchinterval(_TURN_SECONDS)
    return isolation


def load_or_leave(start: Start, isolation: Isolation, outbox: Outbox) -> Handler:
    offer()
    try:
        handler = load(start)
    except LoadFailed as error:
        isolation.finish_lines(0)
        outbox.send(FrameType.FAILED, 0, error.failure.encode())
        # The user's code may have left threads behind that a regular exit would wait for.
        os._exit(1)
    isolation.finish_lines(0)
    return handler


def answer(handler: Handler, outbox: Outbox, isolation: Isolation, inbox: Inbox, mark_path: str | None) -> int:
    """Until told to stop."""
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
