"""What to do about it: the fix for an exception that stopped the load, and the warnings about what works by half."""

import os
import sys
from typing import Any

from .failure import relative
from .hints import Unknown
from .source import file_of, line_of_name
from .spelling import spell

# Modules whose package has another name, among those that handlers use most.
_PACKAGES = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


def remedy_for(error: BaseException, root: str) -> str | None:
    match error:
        case ModuleNotFoundError() if error.name:
            return _add_dependency(error.name, root)
        case FileNotFoundError():
            return "Read model files relative to model_dir, which __init__(self, model_dir) receives."
        case SystemExit():
            return "Remove the call, or guard it with `if __name__ == '__main__':`."
    return None


def _add_dependency(module: str, root: str) -> str:
    top = module.partition(".")[0]
    package = _PACKAGES.get(top, top)
    file = "pyproject.toml" if os.path.exists(os.path.join(root, "pyproject.toml")) else "requirements.txt"
    return f"Add {package} to {file}. If {top} is a module of your own, put it beside the handler."


def shadowing_files(root: str, entry: str) -> list[dict[str, Any]]:
    """Warnings about the user's files that share a name with Python's own modules."""
    names = [name for name in sorted(os.listdir(root)) if name.endswith(".py") and name != entry]
    return [_shadowing(name) for name in names if name[:-3] in sys.stdlib_module_names]


def _shadowing(file: str) -> dict[str, Any]:
    module = file[:-3]
    return {
        "message": f"{file} has the name of a module of Python's own; `import {module}` finds the one loaded first",
        "file": file,
        "line": 1,
        "fix": f"Rename {file}.",
    }


def unknown_hint(unknown: Unknown, root: str, entry: str) -> dict[str, Any]:
    """The warning about a hint that has no JSON Schema; the handler is served all the same."""
    return {
        "message": f"{_subject(unknown)} has the hint {spell(unknown.hint)}, which has no JSON Schema: all values pass",
        "file": relative(file_of(unknown.owner) or entry, root),
        "line": line_of_name(unknown.owner, unknown.name) or 1,
        "fix": "Describe the value by a dataclass, TypedDict or pydantic model, or hint it as Any to accept all.",
    }


def _subject(unknown: Unknown) -> str:
    if isinstance(unknown.owner, type):
        return f"{unknown.owner.__name__}.{unknown.name}"
    return "the result of predict()" if unknown.name == "return" else f"parameter {unknown.name}"
