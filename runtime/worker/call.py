"""Calls of the handler: of any kind, as many at a time as it takes, each answered by one RESULT or ERROR, or by a
stream.

    reading thread --submit--> queue --> lane (main thread, more threads for concurrency > 1) --> outbox    lanes.py
    reading thread --submit--> event loop (main thread), one task a request or batch          --> outbox    tasks.py
"""

from collections.abc import Sequence
from typing import Protocol

from .isolate import Isolation
from .loader import Handler
from .mark import Begin
from .outbox import Outbox
from .open_requests import Request


class Calls(Protocol):
    """What the inbox hands frames to. `run` takes the main thread until `stop`, and returns with nothing unfinished."""

    def submit(self, request: Request) -> None: ...
    def submit_batch(self, requests: Sequence[Request]) -> None: ...
    def cancel(self, id: int) -> None: ...
    def credit(self, id: int, chunks: int) -> None: ...
    def stop(self) -> None: ...
    def run(self) -> None: ...


class Worker:
    """What every kind of call needs."""

    def __init__(self, handler: Handler, outbox: Outbox, isolation: Isolation, begin: Begin) -> None:
        self.handler = handler
        self.outbox = outbox
        self.isolation = isolation
        self.begin = begin
