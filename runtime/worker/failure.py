"""What went wrong, in the user's terms: which kind, where in their files, and what to do about it.

A traceback shows the user's frames and those of their libraries; the worker's own frames are nobody's business.
"""

import os
import traceback
from types import TracebackType
from typing import Any, Literal

from .own_json import to_json_text

Kind = Literal["load", "input", "handler", "result"]

_OWN_DIRECTORY = os.path.dirname(os.path.abspath(__file__)) + os.sep

# Enough to see where a recursion went wrong; the other 950 frames say the same.
_MOST_FRAMES = 50


# An exception that quotes its whole input is cut: logs take no lines of megabytes, nor does a frame of any length.
_LONGEST_TEXT = 16 * 1024


class Failure:
    def __init__(
        self,
        kind: Kind,
        type: str,
        message: str,
        traceback: str = "",
        file: str | None = None,
        line: int | None = None,
        hint: str | None = None,
        errors: list[dict[str, str]] | None = None,
    ) -> None:
        self.kind = kind
        self.type = type
        self.message = message
        self.traceback = traceback
        self.file = file
        self.line = line
        self.hint = hint
        self.errors = errors

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value is not None}

    def encode(self) -> bytes:
        return to_json_text(self.to_json()).encode()


class LoadFailed(Exception):
    """The handler cannot be loaded; the failure says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def failure_of(kind: Kind, error: BaseException, root: str, hint: str | None = None) -> Failure:
    file, line = _place(error, root)
    return Failure(kind, type(error).__name__, cut(text_of(error)), cut(_traceback(error)), file, line, hint)


def cut(text: str) -> str:
    """Its beginning and its end: a traceback says first where it began and last what happened."""
    if len(text) <= _LONGEST_TEXT:
        return text
    half = _LONGEST_TEXT // 2
    return f"{text[:half]}\n... {len(text) - 2 * half} characters left out ...\n{text[-half:]}"


def text_of(error: BaseException) -> str:
    """The exception's own words; a broken `__str__` is not allowed to hide the exception."""
    try:
        return (error.msg if isinstance(error, SyntaxError) else str(error)) or type(error).__name__
    except Exception:
        return f"{type(error).__name__} (its text could not be read)"


def relative(file: str, root: str) -> str:
    """The path as the user knows it: from the model directory when it lies there."""
    inside = os.path.abspath(file).startswith(os.path.abspath(root) + os.sep)
    return os.path.relpath(file, root) if inside else file


def _place(error: BaseException, root: str) -> tuple[str | None, int | None]:
    """The innermost frame in the user's own files, else in a library."""
    if isinstance(error, SyntaxError) and error.filename:
        return relative(error.filename, root), error.lineno
    places = [(relative(file, root), line) for file, line in _frames(error.__traceback__) if _is_visible(file)]
    own = [place for place in places if not os.path.isabs(place[0]) and "site-packages" not in place[0]]
    return next(reversed(own or places), (None, None))


def _frames(trace: TracebackType | None) -> list[tuple[str, int]]:
    return [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace)]


def _is_visible(file: str) -> bool:
    return not file.startswith(_OWN_DIRECTORY) and not file.startswith("<frozen ")


def _traceback(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error, limit=-_MOST_FRAMES, compact=True)
    _hide_own_frames(told)
    try:
        return "".join(told.format()).rstrip("\n")
    except Exception:
        return ""


def _hide_own_frames(told: traceback.TracebackException | None) -> None:
    while told is not None:
        told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if _is_visible(frame.filename)])
        _hide_own_frames(told.__cause__)
        told = told.__context__
