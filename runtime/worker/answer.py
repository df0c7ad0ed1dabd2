"""How a call's outcome becomes the frame that answers its request.

Whatever predict() raises is the failure of its own request. Only sys.exit() is taken at its word: the process ends and
the gateway answers for every request it was running.
"""

import os
import sys
from typing import Any

from .codec import InvalidInput, InvalidResult, check_size, encode
from .failure import Failure, cut, failure_of
from .frames import Flag, FrameType
from .interrupt import Cancelled
from .packed import encode_packed

# Frame type, flags and body.
Answer = tuple[int, int, bytes | bytearray]

RESULT = int(FrameType.RESULT)
ERROR = int(FrameType.ERROR)
END = int(FrameType.END)

# As many as the gateway tells of; more would bury the first.
_MOST_ERRORS = 20


def result_of(flags: int, value: Any, rows: int | None = None) -> Answer:
    """Packed when the gateway can read that and there is an array in it."""
    if flags & Flag.ARRAYS and (packed := encode_packed(value, rows)):
        check_size(packed)
        return RESULT, Flag.PACKED, packed
    return RESULT, 0, encode(value)


def failed(failure: Failure) -> Answer:
    return ERROR, 0, failure.encode()


# Cancelled requests are answered too, so that the gateway counts running ones without guessing.
CANCELLED = failed(Failure("handler", "Cancelled", "the request was cancelled before predict() had finished"))


def answer_to(error: BaseException, root: str, is_cancelled: bool) -> Answer:
    try:
        return _answer_to(error, root, is_cancelled)
    except BaseException:
        # Its own text or class could not be read without raising again.
        return failed(Failure("handler", "Exception", "predict() raised an exception that cannot be described"))


def _answer_to(error: BaseException, root: str, is_cancelled: bool) -> Answer:
    if isinstance(error, SystemExit):
        _leave(error)
    if is_cancelled and _is_cancellation(error):
        return CANCELLED
    if isinstance(error, InvalidInput):
        return failed(_invalid_input(error))
    if isinstance(error, InvalidResult):
        return failed(_invalid_result(error))
    return failed(failure_of("handler", error, root))


def _is_cancellation(error: BaseException) -> bool:
    # Without asyncio, which takes long to import, nobody can have raised its exception.
    asyncio = sys.modules.get("asyncio")
    return isinstance(error, Cancelled) or (asyncio is not None and isinstance(error, asyncio.CancelledError))


def _invalid_input(error: InvalidInput) -> Failure:
    errors = [{"path": f"${path}", "message": cut(message)} for path, message in error.errors[:_MOST_ERRORS]]
    return Failure("input", type(error).__name__, cut(str(error)), errors=errors)


def _invalid_result(error: InvalidResult) -> Failure:
    """Without a traceback: it would lead into the writing of JSON, and the message says where in the result it stands."""
    return Failure("result", type(error).__name__, cut(str(error)), hint=error.hint)


def _leave(error: SystemExit) -> None:
    """From a thread or a task sys.exit() would end only that; handlers that call it mean the process."""
    print(f"predict() called sys.exit({error.code!r}): the worker ends", file=sys.stderr)
    os._exit(error.code if isinstance(error.code, int) and 0 < error.code < 256 else 1)
