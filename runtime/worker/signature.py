"""predict()'s signature, in three readings: as text for people, as JSON Schema for the gateway, as keyword arguments."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Signature:
    text: str
    file: str
    line: int
    input: dict[str, Any]
    output: dict[str, Any]
    warnings: list[dict[str, Any]]
    arguments: Callable[[Any], dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        return {
            "signature": self.text,
            "file": self.file,
            "line": self.line,
            "input": self.input,
            "output": self.output,
            "warnings": self.warnings,
        }


def read_signature(predict: Callable[..., Any], root: str, entry: str) -> Signature:
    parameters = inspect.signature(predict).parameters
    schema = {
        "type": "object",
        "properties": {name: {} for name in parameters},
        "required": [name for name, one in parameters.items() if one.default is one.empty],
        "additionalProperties": False,
    }
    return Signature(f"predict{inspect.signature(predict)}", entry, 1, schema, {}, [], lambda body: body)
