"""What the second half of `Annotated[T, ...]` means as JSON Schema keywords.

A string is the description, a dict is merged as it is, a range bounds a number. Objects of annotated-types, pydantic
and msgspec are read by their attributes, so none of those libraries is imported; what nobody understands is ignored.
"""

import re
from collections.abc import Iterable
from typing import Any

_NUMBER = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}

# How long a value may be is called by another name for each JSON type.
_LENGTH = {
    "array": {"min_length": "minItems", "max_length": "maxItems"},
    "object": {"min_length": "minProperties", "max_length": "maxProperties"},
    "string": {"min_length": "minLength", "max_length": "maxLength"},
}


def keywords_of(metadata: Iterable[Any], json_type: str) -> dict[str, Any]:
    keywords: dict[str, Any] = {}
    for one in metadata:
        keywords.update(_keywords(one, json_type))
    return keywords


def _keywords(one: Any, json_type: str) -> dict[str, Any]:
    if isinstance(one, str):
        return {"description": one}
    if isinstance(one, dict):
        return one
    if isinstance(one, range):
        return _bounds(one)
    return _attributes(one, json_type)


def _bounds(one: range) -> dict[str, Any]:
    """The values of the range; with a step that multipleOf cannot say, they are listed."""
    if not one:
        return {"enum": []}
    bounds = {"minimum": min(one), "maximum": max(one)}
    if abs(one.step) == 1:
        return bounds
    return {**bounds, "multipleOf": abs(one.step)} if one.start % one.step == 0 else {"enum": list(one)}


def _attributes(one: Any, json_type: str) -> dict[str, Any]:
    names = {**_NUMBER, **_LENGTH.get(json_type, _LENGTH["string"])}
    found = {keyword: getattr(one, name, None) for name, keyword in names.items()}
    found["pattern"] = _pattern(getattr(one, "pattern", None))
    found["description"] = _text(one, "description") or _text(one, "documentation")
    found["title"] = _text(one, "title")
    found["examples"] = getattr(one, "examples", None)
    inner = getattr(one, "metadata", None)
    nested = keywords_of(inner, json_type) if isinstance(inner, (list, tuple)) else {}
    return {**nested, **{keyword: value for keyword, value in found.items() if value is not None}}


def _pattern(pattern: Any) -> str | None:
    if isinstance(pattern, re.Pattern):
        pattern = pattern.pattern
    return pattern if isinstance(pattern, str) else None


def _text(one: Any, name: str) -> str | None:
    value = getattr(one, name, None)
    return value if isinstance(value, str) else None
