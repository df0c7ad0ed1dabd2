"""One call of predict_batch() for several requests: each has its own input, its own answer and its own failure.

The steps are the same whether the call is awaited or not; who makes it drives them: `batch_steps` yields the arguments
of a call and is sent its outcome.
"""

from collections.abc import Generator, Sequence
from typing import Any

from .answer import CANCELLED, Answer, answer_to, failed, result_of
from .codec import InvalidResult
from .failure import Failure
from .frames import Flag
from .loader import Handler
from .open_requests import Request
from .packed import decode_packed

_ROWS = Flag.PACKED | Flag.ROWS


class Call:
    """What predict_batch() is to be called with, and for whom."""

    def __init__(self, ids: tuple[int, ...], arguments: dict[str, Any]) -> None:
        self.ids = ids
        self.arguments = arguments


class Outcome:
    def __init__(self, result: Any = None, error: BaseException | None = None) -> None:
        self.result = result
        self.error = error


Steps = Generator[Call, Outcome, dict[int, Answer]]


class _Entry:
    """One request's items: one, or one for each row."""

    def __init__(self, id: int, flags: int, items: list[Any], rows: int | None) -> None:
        self.id = id
        self.flags = flags
        self.items = items
        self.rows = rows


def batch_steps(handler: Handler, requests: Sequence[Request], cancelled: set[int]) -> Steps:
    answers: dict[int, Answer] = {}
    entries = []
    for request in requests:
        try:
            entries.append(_read(handler, request))
        except BaseException as error:
            answers[request[1]] = answer_to(error, handler.root, False)
    yield from _call(handler, entries, cancelled, answers)
    return answers


def _read(handler: Handler, request: Request) -> _Entry:
    _, id, flags, _, _, body = request
    if flags & _ROWS != _ROWS:
        return _Entry(id, flags, [handler.arguments(flags, body)], None)
    columns, rows = decode_packed(body, handler.forms)
    count = rows or 0
    convert = handler.signature.arguments
    return _Entry(id, flags, [convert({name: one[row] for name, one in columns.items()}) for row in range(count)], count)


def _call(
    handler: Handler, entries: list[_Entry], cancelled: set[int], answers: dict[int, Answer]
) -> Generator[Call, Outcome, None]:
    entries = [one for one in entries if not _is_dropped(one, cancelled, answers)]
    if not entries:
        return
    items = [item for one in entries for item in one.items]
    assert handler.gather is not None
    try:
        outcome = yield Call(tuple(one.id for one in entries), handler.gather(items))
    except BaseException as error:
        outcome = Outcome(error=error)
    if outcome.error is None:
        _answer(handler, entries, len(items), outcome.result, answers)
    elif len(entries) == 1 or isinstance(outcome.error, SystemExit):
        for one in entries:
            answers[one.id] = answer_to(outcome.error, handler.root, one.id in cancelled)
    else:
        # One of them may be to blame for all: alone, each fails or succeeds for itself.
        for one in entries:
            yield from _call(handler, [one], cancelled, answers)


def _is_dropped(entry: _Entry, cancelled: set[int], answers: dict[int, Answer]) -> bool:
    if entry.id not in cancelled:
        return False
    answers[entry.id] = CANCELLED
    return True


def _answer(handler: Handler, entries: list[_Entry], count: int, result: Any, answers: dict[int, Answer]) -> None:
    problem = _wrong_length(result, count)
    # Whole arrays are taken apart by numpy, not element by element.
    if not problem and hasattr(result, "tolist") and not any(one.flags & Flag.ARRAYS for one in entries):
        result = result.tolist()
    at = 0
    for one in entries:
        end = at + len(one.items)
        if problem:
            answers[one.id] = problem
        else:
            answers[one.id] = _answer_one(handler, one, result[at] if one.rows is None else result[at:end])
        at = end


def _answer_one(handler: Handler, entry: _Entry, result: Any) -> Answer:
    try:
        return result_of(entry.flags, result, entry.rows)
    except BaseException as error:
        return answer_to(error, handler.root, False)


def _wrong_length(result: Any, count: int) -> Answer | None:
    hint = "Return a list with one result for each item, in the items' order."
    is_list = hasattr(result, "__len__") and hasattr(result, "__getitem__") and not isinstance(result, (dict, str, bytes))
    if not is_list:
        message = f"predict_batch() returned a value of type {type(result).__name__}, which is no list of results"
        return failed(Failure("result", InvalidResult.__name__, message, hint=hint))
    if len(result) != count:
        message = f"predict_batch() returned {len(result)} results for {count} items"
        return failed(Failure("result", InvalidResult.__name__, message, hint=hint))
    return None
