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
from .kind import is_stream, item_hint
from .remedy import unknown_hint
from .schema import SchemaWriter
from .shape import INPUT, OUTPUT, Field, Mode, NoDefault, Shape
from .source import file_of, line_of
from .spelling import spell_signature

_WHOLE_BODY = ("request", "payload", "body")

Arguments = Callable[[Any], Any]


@dataclass(eq=False, repr=False, match_args=False)
class Signature:
    text: str
    file: str
    line: int
    input: dict[str, Any]
    output: dict[str, Any]
    warnings: list[dict[str, Any]]
    # Makes keyword arguments of a request's body; for a predict_batch(), its item.
    arguments: Arguments
    # What the body's members are; empty when it is taken as a whole.
    members: dict[str, Shape]

    def to_json(self) -> dict[str, Any]:
        return {
            "signature": self.text,
            "file": self.file,
            "line": self.line,
            "input": self.input,
            "output": self.output,
        }


@dataclass(eq=False, repr=False, match_args=False)
class _Body:
    """How the request's body reaches the parameters."""

    fields: dict[str, Field]
    # The shape of members that no parameter names; None when there may be none.
    rest: Shape | None = None
    # The parameter that receives the whole body.
    whole: str | None = None


@dataclass(eq=False, repr=False, match_args=False)
class Inspected:
    """A callable as Python describes it."""

    function: Any
    signature: inspect.Signature
    hints: dict[str, Any]
    reader: HintReader

    def describe(
        self, name: str, root: str, entry: str, input: dict[str, Any], result: Shape, **rest: Any
    ) -> Signature:
        return Signature(
            text=spell_signature(name, self.signature, self.hints),
            file=relative(file_of(self.function) or entry, root),
            line=line_of(self.function) or 1,
            input=input,
            output=complete(lambda writer: writer.of(result), OUTPUT),
            warnings=[unknown_hint(one, root, entry) for one in self.reader.unknown],
            **rest,
        )


def read_signature(predict: Callable[..., Any], root: str, entry: str) -> Signature:
    seen = inspected("predict", predict, entry)
    body = _read_body(seen.signature, seen.hints, seen.reader, seen.function)
    returned = item_hint(seen.hints) if is_stream(seen.function, seen.hints) else seen.hints.get("return", Any)
    return seen.describe(
        "predict",
        root,
        entry,
        input=complete(lambda writer: _input_schema(body, writer), INPUT),
        result=seen.reader.read(returned, seen.function, "return"),
        arguments=_arguments_of(body),
        members={} if body.whole else {name: one.shape for name, one in body.fields.items()},
    )


def inspected(name: str, callable: Callable[..., Any], entry: str) -> Inspected:
    function = function_of(callable)
    try:
        signature = signature_of(callable)
    except (ValueError, TypeError):
        raise unusable(f"{name} cannot be inspected", f"Wrap it: def {name}(...): ...", function, entry) from None
    for parameter, one in signature.parameters.items():
        if one.kind is one.POSITIONAL_ONLY:
            message = f"{name}() takes {parameter} by position only, and the body's keys are names"
            raise unusable(message, "Remove the `/` from its parameters.", function, entry)
    return Inspected(function, signature, hints_of(function), HintReader())


def function_of(predict: Any) -> Any:
    """What carries the hints: behind a partial, and behind an object that can be called."""
    if isinstance(predict, functools.partial):
        return function_of(predict.func)
    return predict if inspect.isroutine(predict) or inspect.isclass(predict) else predict.__call__


def unusable(message: str, hint: str, function: Any, entry: str) -> LoadFailed:
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


def complete(write: Callable[[SchemaWriter], dict[str, Any]], mode: Mode) -> dict[str, Any]:
    """The schema with the definitions that it came to need."""
    writer = SchemaWriter(mode)
    schema = write(writer)
    return {**schema, "$defs": writer.definitions} if writer.definitions else schema


def _arguments_of(body: _Body) -> Arguments:
    if body.whole:
        whole = body.whole
        return lambda value: {whole: value}
    converters = Converters()
    rest = None if body.rest is None else converters.of(body.rest)
    return shallow(converters.fields(body.fields, rest))


def shallow(convert: Arguments) -> Arguments:
    """With an error for what is nested so deeply that the converters do not come through it."""

    def arguments(value: Any) -> Any:
        try:
            return convert(value)
        except RecursionError:
            raise InvalidInput("the value is nested too deeply") from None

    return arguments
