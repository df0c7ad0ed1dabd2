"""predict()'s signature, in three readings: as text for people, as JSON Schema for the gateway, and as the function
that makes keyword arguments of a request's body.

The body's keys are the parameters' names. One parameter without a hint called `request`, `payload` or `body` receives
the whole body instead, and `**kwargs` receives the keys that no other parameter names.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .annotations import hints_of, signature_of
from .codec import InvalidInput
from .convert import Converters
from .failure import Failure, LoadFailed, relative
from .hints import HintReader
from .remedy import unknown_hint
from .schema import SchemaWriter
from .shape import INPUT, OUTPUT, Field, Mode, NoDefault, Shape
from .source import file_of, line_of
from .spelling import spell_signature

_WHOLE_BODY = ("request", "payload", "body")

Arguments = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Signature:
    text: str
    file: str
    line: int
    input: dict[str, Any]
    output: dict[str, Any]
    warnings: list[dict[str, Any]]
    arguments: Arguments

    def to_json(self) -> dict[str, Any]:
        return {
            "signature": self.text,
            "file": self.file,
            "line": self.line,
            "input": self.input,
            "output": self.output,
        }


@dataclass(frozen=True)
class _Body:
    """How the request's body reaches the parameters."""

    fields: dict[str, Field]
    # The shape of members that no parameter names; None when there may be none.
    rest: Shape | None = None
    # The parameter that receives the whole body.
    whole: str | None = None


def read_signature(predict: Callable[..., Any], root: str, entry: str) -> Signature:
    function = _function_of(predict)
    signature = _signature(predict, function, root, entry)
    hints = hints_of(function)
    reader = HintReader()
    body = _read_body(signature, hints, reader, function)
    result = reader.read(hints.get("return", Any), function, "return")
    return Signature(
        text=spell_signature(signature, hints),
        file=relative(file_of(function) or entry, root),
        line=line_of(function) or 1,
        input=_complete(_input_schema, body, INPUT),
        output=_complete(lambda shape, writer: writer.of(shape), result, OUTPUT),
        warnings=[unknown_hint(one, root, entry) for one in reader.unknown],
        arguments=_arguments_of(body),
    )


def _function_of(predict: Any) -> Any:
    """What carries the hints: behind a partial, and behind an object that can be called."""
    if isinstance(predict, functools.partial):
        return _function_of(predict.func)
    return predict if inspect.isroutine(predict) or inspect.isclass(predict) else predict.__call__


def _signature(predict: Any, function: Any, root: str, entry: str) -> inspect.Signature:
    try:
        signature = signature_of(predict)
    except (ValueError, TypeError):
        raise _unusable("predict cannot be inspected", "Wrap it: def predict(...): ...", function, entry) from None
    for name, one in signature.parameters.items():
        if one.kind is one.POSITIONAL_ONLY:
            message = f"predict() takes {name} by position only, and the body's keys are names"
            raise _unusable(message, "Remove the `/` from its parameters.", function, entry)
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        message = "predict() is a generator, and this version does not stream"
        raise _unusable(message, "Return the whole result, as in `return list(...)`.", function, entry)
    return signature


def _unusable(message: str, hint: str, function: Any, entry: str) -> LoadFailed:
    return LoadFailed(Failure("load", "UnusableSignature", message, file=entry, line=line_of(function), hint=hint))


def _read_body(signature: inspect.Signature, hints: dict[str, Any], reader: HintReader, function: Any) -> _Body:
    fields: dict[str, Field] = {}
    rest: Shape | None = None
    for name, one in signature.parameters.items():
        shape = reader.read(hints.get(name, Any), function, name)
        if one.kind is one.VAR_KEYWORD:
            rest = shape
        elif one.kind is not one.VAR_POSITIONAL:
            required = one.default is one.empty
            fields[name] = Field(shape, required, NoDefault if required else one.default)
    only = next(iter(fields)) if len(fields) == 1 and rest is None else None
    takes_all = only in _WHOLE_BODY and only not in hints
    return _Body(fields, rest, whole=only if takes_all else None)


def _input_schema(body: _Body, writer: SchemaWriter) -> dict[str, Any]:
    if body.whole:
        return {"type": "object"}
    rest: Any = False if body.rest is None else writer.of(body.rest) or True
    return {**writer.fields(body.fields), "additionalProperties": rest}


def _complete(write: Callable[[Any, SchemaWriter], dict[str, Any]], subject: Any, mode: Mode) -> dict[str, Any]:
    """The schema with the definitions that it came to need."""
    writer = SchemaWriter(mode)
    schema = write(subject, writer)
    return {**schema, "$defs": writer.definitions} if writer.definitions else schema


def _arguments_of(body: _Body) -> Arguments:
    converters = Converters()
    rest = None if body.rest is None else converters.of(body.rest)
    convert = converters.fields(body.fields, rest)

    def arguments(value: Any) -> dict[str, Any]:
        if body.whole:
            return {body.whole: value}
        try:
            return convert(value)
        except RecursionError:
            raise InvalidInput("the value is nested too deeply") from None

    return arguments
