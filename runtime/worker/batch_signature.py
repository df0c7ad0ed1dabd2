"""predict_batch()'s signature: what one request is, and how several become its arguments.

    predict_batch(items: list[Flower])                      a request's body is a Flower
    predict_batch(items), beside a predict()                an item is what predict() would have been given, by name
    predict_batch(features: list[list[float]], scale: ...)  columns: a request's body has one entry of each

A parameter with a default is left alone.
"""

import collections.abc as abc
import typing
from collections.abc import Callable
from typing import Any

from .convert import Converters
from .foreign import foreign_shape, is_numpy_array
from .kind import is_generator
from .parameters import Kind, Parameter
from .schema import SchemaWriter
from .shape import INPUT, Anything, Constrained, Field, Foreign, Mapping, Record, Shape
from .signature import Gather, Inspected, Signature, complete, inspected, read_signature, shallow, unusable

_LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)


def read_batch_signature(
    predict_batch: Callable[..., Any], predict: Callable[..., Any] | None, root: str, entry: str
) -> tuple[Signature, Gather]:
    seen = inspected("predict_batch", predict_batch, entry)
    if is_generator(seen.function):
        message = "predict_batch() is a generator, and a batch is answered at once"
        raise unusable(message, "Return a list, or stream from predict().", seen.function, entry)
    names = [name for name, one in seen.parameters.items() if _is_column(one)]
    if not names:
        hint = "Give it one: def predict_batch(items): ..."
        raise unusable("predict_batch() has no parameter that could take the items", hint, seen.function, entry)
    if len(names) == 1 and names[0] not in seen.hints and predict is not None:
        return read_signature(predict, root, entry), _as_list(names[0])
    shapes = {name: _element_shape(seen, name) for name in names}
    body = _body_of(names, shapes, seen.hints)
    result = _element(seen.hints.get("return", Any))
    signature = seen.describe(
        "predict_batch",
        root,
        entry,
        input=complete(body.schema, INPUT),
        result=Anything() if _is_stacked(result) else seen.reader.read(result, seen.function, "return"),
        arguments=shallow(body.convert),
        members=body.members,
    )
    return signature, body.gather


class _BatchBody:
    def __init__(
        self,
        schema: Callable[[SchemaWriter], dict[str, Any]],
        convert: Callable[[Any], Any],
        members: dict[str, Shape],
        gather: Gather,
    ) -> None:
        self.schema = schema
        self.convert = convert
        self.members = members
        self.gather = gather


def _body_of(names: list[str], shapes: dict[str, Shape], hints: dict[str, Any]) -> _BatchBody:
    only = shapes[names[0]] if len(names) == 1 else None
    if only is not None and (_is_record(only) or names[0] not in hints):
        anything = isinstance(only, Anything)
        return _BatchBody(
            schema=lambda writer: {"type": "object"} if anything else writer.of(only),
            convert=Converters().of(only),
            members={},
            gather=_as_list(names[0]),
        )
    fields = {name: Field(shape, required=True) for name, shape in shapes.items()}
    stacked = {name: foreign_shape(hints[name]) for name in names if _is_stacked(hints.get(name))}
    return _BatchBody(
        schema=lambda writer: {**writer.fields(fields), "additionalProperties": False},
        convert=Converters().fields(fields),
        members={**shapes, **{name: shape for name, shape in stacked.items() if shape}},
        gather=_columns(names, stacked),
    )


def _as_list(name: str) -> Gather:
    return lambda items: {name: items}


def _columns(names: list[str], stacked: dict[str, Foreign | None]) -> Gather:
    def gather(items: list[Any]) -> dict[str, Any]:
        columns: dict[str, Any] = {name: [item[name] for item in items] for name in names}
        for name, shape in stacked.items():
            columns[name] = shape.library.convert(columns[name]) if shape else columns[name]
        return columns

    return gather


def _element_shape(seen: Inspected, name: str) -> Shape:
    hint = seen.hints.get(name, Any)
    # What one row of an array looks like, its hint does not say.
    return Anything() if _is_stacked(hint) else seen.reader.read(_element(hint), seen.function, name)


def _element(hint: Any) -> Any:
    """Of list[X], X."""
    if typing.get_origin(hint) is typing.Annotated:
        return _element(typing.get_args(hint)[0])
    arguments = typing.get_args(hint)
    return arguments[0] if typing.get_origin(hint) in _LISTS and arguments else hint if _is_stacked(hint) else Any


def _is_stacked(hint: Any) -> bool:
    return is_numpy_array(hint)


def _is_column(one: Parameter) -> bool:
    return one.is_required and one.kind not in (Kind.VAR_POSITIONAL, Kind.VAR_KEYWORD)


def _is_record(shape: Shape) -> bool:
    """Something that is a JSON object by itself."""
    if isinstance(shape, Constrained):
        return _is_record(shape.shape)
    if isinstance(shape, Foreign):
        return getattr(shape.library, "is_record", False)
    return isinstance(shape, (Record, Mapping))
