"""A spawned worker's life: connect, load, answer until told to stop."""

import os

from .connection import Connection
from .frames import FrameType
from .outbox import Outbox

PROTOCOL_VERSION = 2


def serve(socket_path: str, mark_path: str | None = None) -> int:
    connection = Connection(socket_path)
    outbox = greet(connection)
    frames = connection.frames()
    # Imported while the gateway writes START.
    from .inbox import Inbox
    from .parent import die_with_parent
    from .stages import answer, isolate, load_or_leave, read_start

    start = read_start(frames)
    isolation = isolate(start, connection, outbox)
    inbox = Inbox(frames)
    inbox.start()
    handler = load_or_leave(start, isolation, outbox)
    die_with_parent()
    return answer(handler, outbox, isolation, inbox, mark_path)


def greet(connection: Connection) -> Outbox:
    """Says HELLO."""
    outbox = Outbox(connection.write)
    outbox.send_json(FrameType.HELLO, 0, {"protocol": PROTOCOL_VERSION, "pid": os.getpid()})
    return outbox
