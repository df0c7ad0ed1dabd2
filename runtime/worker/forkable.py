"""Whether a process that has loaded the handler may be forked into workers, or why not.

A fork copies memory, and one thread. What other threads were about stays half done for good, and what lies in the
kernel stays one thing for all: two workers that read one database connection get each other's answers.
"""

import fcntl
import os
import stat
import sys
import threading
import time

_DESCRIPTORS = "/proc/self/fd"
_TASKS = "/proc/self/task"

# The system may see a thread for a moment after Python has joined it.
_LEAVING_SECONDS = 0.25

# By what the system calls it.
_SHARED = {
    "socket:": "a network connection or another socket is open",
    "anon_inode:[eventpoll]": "an event loop is open",
    "anon_inode:[io_uring]": "an io_uring is open",
    "/dev/nvidia": "a GPU is in use",
    "/dev/kfd": "a GPU is in use",
}


def why_not(descriptors_before: dict[int, str]) -> str | None:
    """None when it may; else what the load has left behind, as a clause of its own."""
    return _cuda() or _threads() or _processes() or _shared(descriptors_before)


def open_descriptors() -> dict[int, str]:
    found: dict[int, str] = {}
    for name in os.listdir(_DESCRIPTORS):
        try:
            found[int(name)] = os.readlink(f"{_DESCRIPTORS}/{name}")
        except OSError:
            # That of the listing itself.
            pass
    return found


def _cuda() -> str | None:
    torch = sys.modules.get("torch")
    try:
        return "torch has initialised CUDA" if torch and torch.cuda.is_initialized() else None
    except AttributeError:
        # Half imported, or another module of that name.
        return None


def _threads() -> str | None:
    names = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if names:
        return f"threads are running: {', '.join(names)}"
    until = time.monotonic() + _LEAVING_SECONDS
    while (count := len(os.listdir(_TASKS))) > 1 and time.monotonic() < until:
        time.sleep(0.005)
    return f"native code runs {count - 1} threads of its own" if count > 1 else None


def _processes() -> str | None:
    """One that has ended and was not waited for counts too: only its parent can wait for it."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return "it has child processes"


def _shared(before: dict[int, str]) -> str | None:
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        mapped = file.read()
    for number, target in open_descriptors().items():
        if before.get(number) == target:
            continue
        for beginning, why in _SHARED.items():
            if target.startswith(beginning):
                return why
        # What is mapped is read through memory.
        if target not in mapped and _has_shared_position(number):
            return f"the file {target} is open, and its position would be one for all workers"
    return None


def _has_shared_position(number: int) -> bool:
    """Of a file that is only appended to, or opened without being read, nobody minds."""
    try:
        is_read = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE != os.O_WRONLY
        return is_read and stat.S_ISREG(os.fstat(number).st_mode)
    except OSError:
        return False
