"""The zygote: a process that loads the handler, answers nothing, and is forked into workers that have it loaded.

    gateway                    zygote                           worker
    START                  ->  loads
                           <-  READY {unsafe} or FAILED
    FORK {socket, mark, …} ->  forks  ------------------------> connects to that socket: HELLO, READY, and goes on
                           <-  FORKED {pid}                     as any worker does
                           <-  EXIT {code, signal}              ends

It has one thread once the handler is loaded: what other threads hold at the moment of a fork is held in the child for good.
"""

import gc
import os
import sys

from .connection import Connection
from .forkable import open_descriptors, why_not
from .forks import Forks, Order
from .frames import FrameType
from .gateway_watch import GatewayWatch
from .inbox import Inbox
from .isolate import Isolation
from .loader import Handler
from .metrics import metrics
from .serve import greet
from .stages import answer, isolate, load_or_leave, read_start


def serve_forks(socket_path: str) -> int:
    connection = Connection(socket_path)
    outbox = greet(connection)
    frames = connection.frames()
    start = read_start(frames)
    isolation = isolate(start, connection, outbox)
    descriptors = open_descriptors()
    with GatewayWatch(connection):
        handler = load_or_leave(start, isolation, outbox)
    # Once, and not by each worker: it happened once.
    metrics.send_to(outbox)
    _share_memory()
    outbox.send_json(FrameType.READY, 0, {"unsafe": why_not(descriptors)})
    return _live_as_worker(handler, isolation, Forks(outbox).run(frames))


def _share_memory() -> None:
    """A collection in a worker would write to each object's header and so copy every page that it has from here."""
    gc.collect()
    gc.freeze()


def _live_as_worker(handler: Handler, isolation: Isolation, order: Order) -> int:
    """In the forked process."""
    os.environ.update(order.environment)
    connection = Connection(order.socket)
    outbox = greet(connection)
    isolation.join(connection, outbox)
    inbox = Inbox(connection.frames())
    inbox.start()
    _reseed()
    return answer(handler, outbox, isolation, inbox, order.mark)


def _reseed() -> None:
    """Python does it for `random`. Generators that the handler has made itself are as they were."""
    if random := sys.modules.get("numpy.random"):
        random.seed()
