"""Ends a worker whose gateway was killed while a call in C holds Python's lock: the thread that would see the connection
end cannot run then, but the kernel can be asked to kill a process when its parent dies.

Only C code holds that lock for long. Whoever calls some has as a rule loaded ctypes, as NumPy does; for the others it is
not worth its import.
"""

import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    ctypes = sys.modules.get("ctypes")
    if ctypes is None or sys.platform != "linux":
        return
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (AttributeError, OSError):
        # A module of the user's that has this name, or a system that has no such call.
        pass
