"""Shapes to JSON Schema 2020-12. Classes go to `$defs`, where recursive ones can refer to themselves.

What a caller may send and what it gets back are two schemas: a field with a default may be left out of a request and is
always in the answer; a request has no fields that nobody reads, an answer may have more than it promises.
"""

import json
from typing import Any

from .codec import encode
from .constraints import keywords_of
from .scalars import NUMBER_AS_TEXT, scalar_type
from .shape import (
    INPUT,
    Alias,
    Anything,
    Array,
    Choice,
    Constrained,
    Field,
    FixedArray,
    Foreign,
    Mapping,
    Mode,
    NoDefault,
    Options,
    Record,
    Scalar,
    Shape,
)

Schema = dict[str, Any]

_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}

# Object keys are strings in JSON; these are the ones that read as numbers.
_NUMERIC_KEYS: dict[str, Schema] = {
    "integer": {"pattern": r"^-?\d+$"},
    "number": {"pattern": NUMBER_AS_TEXT},
}


class SchemaWriter:
    def __init__(self, mode: Mode) -> None:
        self.definitions: dict[str, Schema] = {}
        self._mode = mode
        self._names: dict[int, str] = {}

    def of(self, shape: Shape) -> Schema:
        match shape:
            case Anything():
                return {}
            case Scalar():
                return dict(scalar_type(shape.kind).schema)
            case Options():
                return self._define(shape, shape.name, _options) if shape.name else _options(shape)
            case Array():
                return self._array(shape)
            case FixedArray():
                return self._fixed_array(shape)
            case Mapping():
                return self._mapping(shape)
            case Record():
                return self._define(shape, shape.name, self._record)
            case Alias():
                return self._define(shape, shape.name, lambda alias: self.of(alias.target))
            case Choice():
                return _any_of([self.of(option) for option in shape.options])
            case Constrained():
                return self._constrained(shape)
            case Foreign():
                return self._adopt(shape.name, shape.library.schema(self._mode))

    def fields(self, fields: dict[str, Field], every_one: bool = False) -> Schema:
        """The object schema of these fields; `every_one` when those with a default are always there."""
        shown = {name: one for name, one in fields.items() if (one.is_sent if self._mode == INPUT else one.is_answered)}
        return {
            "type": "object",
            "properties": {name: self._field(one) for name, one in shown.items()},
            "required": [name for name, one in shown.items() if one.required or every_one],
        }

    def _field(self, field: Field) -> Schema:
        schema = self.of(field.shape)
        if field.default is NoDefault:
            return schema
        if field.default is None:
            schema = _nullable(schema)
        return {**schema, **_default(field.default)}

    def _record(self, record: Record) -> Schema:
        schema = self.fields(record.fields, every_one=record.fills_defaults and self._mode != INPUT)
        if record.description:
            schema = {"description": record.description, **schema}
        return {**schema, "additionalProperties": False} if self._mode == INPUT else schema

    def _array(self, array: Array) -> Schema:
        items = self.of(array.items)
        schema = {"type": "array", **({"items": items} if items else {})}
        return {**schema, "uniqueItems": True} if array.unique else schema

    def _fixed_array(self, array: FixedArray) -> Schema:
        items = [self.of(item) for item in array.items]
        length = {"minItems": array.least, "maxItems": len(items)}
        return {"type": "array", **({"prefixItems": items} if items else {}), "items": False, **length}

    def _mapping(self, mapping: Mapping) -> Schema:
        keys, values = self.of(mapping.keys), self.of(mapping.values)
        names = _NUMERIC_KEYS.get(str(keys.get("type")), keys)
        restricted = {"propertyNames": names} if names not in ({}, {"type": "string"}) else {}
        return {"type": "object", **restricted, **({"additionalProperties": values} if values else {})}

    def _constrained(self, constrained: Constrained) -> Schema:
        schema = self.of(constrained.shape)
        return {**schema, **keywords_of(constrained.metadata, _main_type(schema))}

    def _define(self, shape: Any, name: str, write: Any) -> Schema:
        if id(shape) not in self._names:
            free = self._names[id(shape)] = self._free_name(name)
            self.definitions[free] = {}
            self.definitions[free] = write(shape)
        return {"$ref": f"#/$defs/{self._names[id(shape)]}"}

    def _adopt(self, name: str, schema: Schema) -> Schema:
        """A library's schema, its own definitions moved among ours."""
        root = {key: value for key, value in schema.items() if key != "$defs"}
        moved = {**schema.get("$defs", {}), **({name: root} if root.get("type") == "object" else {})}
        renamed = {
            one: one if self.definitions.get(one, definition) == definition else self._free_name(one)
            for one, definition in moved.items()
        }
        for one, definition in moved.items():
            self.definitions[renamed[one]] = _with_refs(definition, renamed)
        return {"$ref": f"#/$defs/{renamed[name]}"} if name in moved else _with_refs(root, renamed)

    def _free_name(self, name: str) -> str:
        number, free = 1, name
        while free in self.definitions:
            number, free = number + 1, f"{name}{number + 1}"
        return free


def _options(options: Options) -> Schema:
    types = sorted({_JSON_TYPES[type(value)] for value in options.values})
    described = {"description": options.description} if options.description else {}
    return {**described, "type": types[0] if len(types) == 1 else types, "enum": list(options.values)}


def _any_of(options: list[Schema]) -> Schema:
    """Either of them; `X | None` stays one schema with two types, about which validators complain more clearly."""
    others = [option for option in options if option != {"type": "null"}]
    if len(others) == 1 and len(options) == 2:
        return _nullable(others[0])
    if {} in options:
        return {}
    if all(set(option) == {"type"} for option in options):
        return {"type": list(dict.fromkeys(option["type"] for option in options))}
    return {"anyOf": options}


def _nullable(schema: Schema) -> Schema:
    types = schema.get("type")
    if schema == {} or "null" in (types or []) or {"type": "null"} in schema.get("anyOf", []):
        return schema
    if types is None:
        return {"anyOf": [schema, {"type": "null"}]}
    nullable = {**schema, "type": [*([types] if isinstance(types, str) else types), "null"]}
    return {**nullable, "enum": [*schema["enum"], None]} if "enum" in schema else nullable


def _main_type(schema: Schema) -> str:
    types = schema.get("type", "string")
    return types if isinstance(types, str) else types[0]


def _default(value: Any) -> Schema:
    try:
        return {"default": json.loads(encode(value))}
    except Exception:
        # A default without a JSON form works in Python; the schema only cannot show it.
        return {}


def _with_refs(schema: Any, renamed: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_with_refs(one, renamed) for one in schema]
    if not isinstance(schema, dict):
        return schema
    prefix = "#/$defs/"
    return {
        key: prefix + renamed.get(value[len(prefix) :], value[len(prefix) :])
        if key == "$ref" and isinstance(value, str) and value.startswith(prefix)
        else _with_refs(value, renamed)
        for key, value in schema.items()
    }
