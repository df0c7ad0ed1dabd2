"""predict()'s signature, in three readings: as text for people, as JSON Schema for the gateway, and as the function
that makes keyword arguments of a request's body.

The body's keys are the parameters' names. One parameter without a hint called `request`, `payload` or `body` receives
the whole body instead, and `**kwargs` receives the keys that no other parameter names.
"""

import functools
from collections.abc import Callable
from types import BuiltinFunctionType, MethodType
from typing import Any

from .annotations import hints_of
from .codec import InvalidInput
from .convert import Converters
from .failure import Failure, LoadFailed, relative
from .hints import HintReader
from .kind import is_stream, item_hint
from .parameters import Kind, Parameter, parameters_of
from .remedy import unknown_hint
from .schema import SchemaWriter
from .shape import INPUT, OUTPUT, Field, Mode, NoDefault, Shape
from .source import file_of, line_of
from .spelling import spell_signature

_WHOLE_BODY = ("request", "payload", "body")

Arguments = Callable[[Any], Any]

# Of a predict_batch(): makes a call's keyword arguments of what `Signature.arguments` made of each request.
Gather = Callable[[list[Any]], dict[str, Any]]


class Signature:
    def __init__(
        self,
        text: str,
        file: str,
        line: int,
        input: dict[str, Any],
        output: dict[str, Any],
        warnings: list[dict[str, Any]],
        arguments: Arguments,
        members: dict[str, Shape],
    ) -> None:
        self.text = text
        self.file = file
        self.line = line
        self.input = input
        self.output = output
        self.warnings = warnings
        # Makes keyword arguments of a request's body; for a predict_batch(), its item.
        self.arguments = arguments
        # What the body's members are; empty when it is taken as a whole.
        self.members = members

    def to_json(self) -> dict[str, Any]:
        return {
            "signature": self.text,
            "file": self.file,
            "line": self.line,
            "input": self.input,
            "output": self.output,
        }


class _Body:
    """How the request's body reaches the parameters."""

    def __init__(self, fields: dict[str, Field], rest: Shape | None, whole: str | None) -> None:
        self.fields = fields
        # The shape of members that no parameter names; None when there may be none.
        self.rest = rest
        # The parameter that receives the whole body.
        self.whole = whole


class Inspected:
    """A callable as Python describes it."""

    def __init__(self, function: Any, parameters: dict[str, Parameter]) -> None:
        self.function = function
        self.parameters = parameters
        self.hints = hints_of(function)
        self.reader = HintReader()

    def describe(
        self, name: str, root: str, entry: str, input: dict[str, Any], result: Shape, **rest: Any
    ) -> Signature:
        return Signature(
            text=spell_signature(name, self.parameters.values(), self.hints),
            file=relative(file_of(self.function) or entry, root),
            line=line_of(self.function) or 1,
            input=input,
            output=complete(lambda writer: writer.of(result), OUTPUT),
            warnings=[unknown_hint(one, root, entry) for one in self.reader.unknown],
            **rest,
        )


def read_signature(predict: Callable[..., Any], root: str, entry: str) -> Signature:
    seen = inspected("predict", predict, entry)
    body = _read_body(seen)
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
        parameters = parameters_of(callable)
    except (ValueError, TypeError):
        raise unusable(f"{name} cannot be inspected", f"Wrap it: def {name}(...): ...", function, entry) from None
    for one in parameters.values():
        if one.kind is Kind.POSITIONAL_ONLY:
            message = f"{name}() takes {one.name} by position only, and the body's keys are names"
            raise unusable(message, "Remove the `/` from its parameters.", function, entry)
    return Inspected(function, parameters)


def function_of(predict: Any) -> Any:
    """What carries the hints: behind a partial, and behind an object that can be called."""
    if isinstance(predict, functools.partial):
        return function_of(predict.func)
    # Functions, and what compilers and decorators make in their place, become methods when they stand in a class.
    is_routine = isinstance(predict, (type, BuiltinFunctionType, MethodType)) or hasattr(type(predict), "__get__")
    return predict if is_routine else predict.__call__


def unusable(message: str, hint: str, function: Any, entry: str) -> LoadFailed:
    return LoadFailed(Failure("load", "UnusableSignature", message, file=entry, line=line_of(function), hint=hint))


def _read_body(seen: Inspected) -> _Body:
    fields: dict[str, Field] = {}
    rest: Shape | None = None
    for name, one in seen.parameters.items():
        shape = seen.reader.read(seen.hints.get(name, Any), seen.function, name)
        if one.kind is Kind.VAR_KEYWORD:
            rest = shape
        elif one.kind is not Kind.VAR_POSITIONAL:
            fields[name] = Field(shape, one.is_required, NoDefault if one.is_required else one.default)
    only = next(iter(fields)) if len(fields) == 1 and rest is None else None
    takes_all = only in _WHOLE_BODY and only not in seen.hints
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
