"""Prints, as JSON, each import of the given files that is neither the worker's own nor of the standard library."""

import ast
import json
import pathlib
import sys


# The name under which the worker loads itself, so that no module of the user's can meet one of its own; and what the
# standard library has only since Python 3.14, where alone the worker asks for it.
KNOWN = {"_model_api_worker", "annotationlib", *sys.stdlib_module_names}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module


def foreign(path):
    names = imported(ast.parse(pathlib.Path(path).read_text(), path))
    return [f"{path}: {name}" for name in names if name.split(".")[0] not in KNOWN]


print(json.dumps([line for path in sys.argv[1:] for line in foreign(path)]))
