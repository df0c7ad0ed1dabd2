"""What the handler prints and logs: a LOG frame a line, under the id of the request that was running.

Loading and threads of the user's own have no request; their lines carry id 0. What C code writes to the file
descriptors 1 and 2 does not come this way: the gateway reads those pipes itself.
"""

import io
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from .interrupt import shielded
from .running import running

# Takes the request's id, the level and one message.
Emit = Callable[[int, str, str], None]

# A longer line is cut: one that never ends would grow without bound, and no log takes lines of megabytes.
_LONGEST_LINE = 64 * 1024


class LineStream(io.TextIOBase):
    """Stands in for sys.stdout or sys.stderr."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, emit: Emit, level: str, descriptor: int) -> None:
        self._emit = emit
        self._level = level
        self._descriptor = descriptor
        self._unfinished: dict[int, str] = {}
        # Reentrant: a `__del__` that prints may run in the middle of a write.
        self._lock = threading.RLock()
        self._buffer = self._raw()

    @property
    def buffer(self) -> Any:
        """For bytes, which go past the frames to the pipe. Closing it closes it for nobody else."""
        if self._buffer.closed:
            self._buffer = self._raw()
        return self._buffer

    def _raw(self) -> Any:
        return io.FileIO(self._descriptor, "w", closefd=False)

    def close(self) -> None:
        """Other requests print too."""

    def write(self, text: str) -> int:
        id = running.get()[0]
        # Whoever interrupts the user's call must not hit the connection on the way.
        with shielded, self._lock:
            *lines, rest = (self._unfinished.pop(id, "") + text).split("\n")
            if len(rest) > _LONGEST_LINE:
                lines, rest = [*lines, rest], ""
            if rest:
                self._unfinished[id] = rest
            for line in lines:
                self._emit_line(id, line)
        return len(text)

    def reconfigure(self, **_how: Any) -> None:
        """Scripts ask for UTF-8 or line buffering, which is what they have."""

    def finish(self, id: int) -> None:
        """The request has ended: what it printed without a newline is a line now."""
        if id in self._unfinished:
            with self._lock:
                self._emit_line(id, self._unfinished.pop(id, ""))

    def forget_others(self) -> None:
        """In a forked child: threads that are not there hold no lock, and their lines are the parent's."""
        self._lock = threading.RLock()
        self._unfinished.clear()

    def _emit_line(self, id: int, line: str) -> None:
        # Progress bars overwrite their line with carriage returns: keep what a terminal would show in the end.
        shown = line.rstrip("\r").rsplit("\r", 1)[-1]
        for piece in pieces(shown):
            self._emit(id, self._level, piece)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor


class LogHandler(logging.Handler):
    """Sends the records of the user's loggers, in the gateway's four levels."""

    def __init__(self, emit: Emit) -> None:
        super().__init__()
        self._emit = emit

    def emit(self, record: logging.LogRecord) -> None:
        try:
            told = pieces(self.format(record).rstrip())
            with shielded:
                for piece in told:
                    self._emit(running.get()[0], level_of(record.levelno), piece)
        except Exception:
            self.handleError(record)


def pieces(line: str) -> list[str]:
    return [line[start : start + _LONGEST_LINE] for start in range(0, len(line), _LONGEST_LINE)]


def level_of(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


def write_raw(_id: int, _level: str, message: str) -> None:
    """Where lines go in a forked child, which has no connection of its own."""
    try:
        os.write(1, (message + "\n").encode("utf-8", "backslashreplace"))
    except OSError:
        # It has closed the pipe.
        pass
