"""Runs the worker's codec of packed bodies over standard input: a body in hex a line; answers each with a line of JSON."""

import json
import os
import sys
import types

# The worker's modules import each other as a package.
package = types.ModuleType("worker")
package.__path__ = [sys.argv[1]]
sys.modules["worker"] = package

from worker.codec import InvalidInput  # noqa: E402
from worker.packed import decode_packed  # noqa: E402

form = os.environ.get("FORM", "list")
if form == "numpy":
    import numpy


class Every(dict):
    def get(self, _name, _default=None):
        return form


def plain(value):
    return value.tolist() if form == "numpy" and isinstance(value, numpy.ndarray) else value


for line in sys.stdin:
    try:
        members, rows = decode_packed(bytearray.fromhex(line), Every())
        answer = {"members": {name: plain(value) for name, value in members.items()}, "rows": rows}
    except InvalidInput as error:
        answer = {"error": str(error)}
    # Arrays may hold NaN, which the test's JSON does not know.
    print(json.dumps(answer).replace("NaN", "null").replace("Infinity", "9e999"))
