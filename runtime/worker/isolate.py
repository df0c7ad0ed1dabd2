"""What the user's code may not break: the connection, the logs, and who decides when the worker ends.

It is no sandbox. It keeps honest code, which prints, forks and reads the terminal's Ctrl-C, from hurting the worker.
"""

import faulthandler
import logging
import os
import signal
import sys

from .connection import Connection
from .frames import FrameType
from .interrupt import forget_lanes
from .metrics import metrics
from .outbox import Outbox
from .output import Emit, LineStream, LogHandler, write_raw


class Isolation:
    def __init__(self, connection: Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox
        self._emit: Emit = self._send
        self._streams = (
            LineStream(self._emit_line, "info", descriptor=1),
            LineStream(self._emit_line, "warning", descriptor=2),
        )
        self._take_output()
        # A crash in C code prints the Python frames to the pipe before the process dies.
        faulthandler.enable(file=self._streams[1])
        # Ctrl-C reaches every process of the terminal's group, but the gateway decides when a worker ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.register_at_fork(after_in_child=self._leave_connection)

    def join(self, connection: Connection, outbox: Outbox) -> None:
        """In a forked child that is a worker itself and has a connection of its own."""
        self._connection = connection
        self._outbox = outbox
        self._emit = self._send

    def finish_lines(self, id: int) -> None:
        for stream in self._streams:
            stream.finish(id)

    def _take_output(self) -> None:
        sys.stdout, sys.stderr = self._streams
        logging.basicConfig(level=logging.INFO, handlers=[LogHandler(self._emit_line)], format="%(message)s")
        logging.captureWarnings(True)

    def _emit_line(self, id: int, level: str, message: str) -> None:
        self._emit(id, level, message)

    def _send(self, id: int, level: str, message: str) -> None:
        # At once: what a handler says before it takes its process down is what its author needs most.
        self._outbox.send_json(FrameType.LOG, id, {"level": level, "msg": message})

    def _leave_connection(self) -> None:
        """A forked child must neither write between the worker's frames nor keep its connection open."""
        self._emit = write_raw
        forget_lanes()
        for stream in self._streams:
            stream.forget_others()
        self._outbox.abandon()
        metrics.forget()
        self._connection.forget()
