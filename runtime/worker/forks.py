"""Forks when the gateway says so, and tells it how each child has ended, which only a parent is told.

Each child is a session of its own, as a spawned worker is: the gateway kills it with all that it has started.
"""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

from .connection import complain
from .frames import Frame, FrameType
from .outbox import Outbox

_CHILD_ENDED = {signal.SIGCHLD}


class Order:
    """What a child is told to be: the worker at this socket."""

    def __init__(self, socket: str, mark: str, environment: dict[str, str]) -> None:
        self.socket = socket
        self.mark = mark
        self.environment = environment


class Forks:
    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        # The number that the gateway has given each living child.
        self._numbers: dict[int, int] = {}
        # Python runs it also while this thread waits for a frame.
        self._users_handler = signal.signal(signal.SIGCHLD, self._reap)

    def run(self, frames: Iterator[Frame]) -> Order:
        """Returns in the children alone; the parent ends with its connection."""
        for type, number, _, _, _, body in frames:
            if type != FrameType.FORK:
                complain(f"the gateway sent {FrameType(type).name} to a zygote")
                os._exit(1)
            if self._is_child_of_fork(number):
                signal.signal(signal.SIGCHLD, self._users_handler or signal.SIG_DFL)
                return Order(**json.loads(body))
        raise AssertionError("the connection ended, and this process did not")

    def _is_child_of_fork(self, number: int) -> bool:
        # A child that ends at once must not be looked for before it is known.
        signal.pthread_sigmask(signal.SIG_BLOCK, _CHILD_ENDED)
        try:
            return self._fork(number) == 0
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _CHILD_ENDED)

    def _fork(self, number: int) -> int:
        read_end, write_end = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(read_end)
            os.close(write_end)
            self._outbox.send_json(FrameType.EXIT, number, {"error": f"could not be forked: {error.strerror}"})
            return -1
        if pid == 0:
            os.close(read_end)
            os.setsid()
            os.close(write_end)
            return 0
        os.close(write_end)
        # The pipe ends when the child has its session: from then on its pid is that of a group that can be killed.
        os.read(read_end, 1)
        os.close(read_end)
        self._numbers[pid] = number
        self._outbox.send_json(FrameType.FORKED, number, {"pid": pid})
        return pid

    def _reap(self, *_signal: Any) -> None:
        """Of several children that end at once, one signal may tell."""
        for pid, number in list(self._numbers.items()):
            # Not taken away yet: until then no other process can have its pid.
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _kill_group(pid)
            _, status = os.waitpid(pid, 0)
            del self._numbers[pid]
            self._outbox.send_json(FrameType.EXIT, number, _how(status))


def _kill_group(pid: int) -> None:
    """What the handler started would otherwise outlive it."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        # It has left nothing behind.
        pass


def _how(status: int) -> dict[str, Any]:
    if not os.WIFSIGNALED(status):
        return {"code": os.WEXITSTATUS(status), "signal": None}
    number = os.WTERMSIG(status)
    named = number in signal.Signals.__members__.values()
    return {"code": None, "signal": signal.Signals(number).name if named else f"signal {number}"}
