"""Prints what a handler is, as the gateway would learn it from READY: for tests and for writing schemas to files.

What the handler prints while it loads goes to standard error, so that standard output is one JSON object.
"""

import contextlib
import json
import sys

from .failure import LoadFailed
from .handler_api import offer
from .imports import end_own_imports
from .loader import Start, load


def describe(handler_dir: str, entry: str = "predict.py") -> int:
    end_own_imports()
    offer()
    start = Start(handler_dir, entry, config={}, model_dir=handler_dir, concurrency=None)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            description = load(start).to_json()
    except LoadFailed as error:
        print(json.dumps(error.failure.to_json(), indent=2))
        return 1
    print(json.dumps(description, indent=2))
    return 0
