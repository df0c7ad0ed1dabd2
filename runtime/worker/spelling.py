"""Hints and signatures as a person would write them: without module names and without what Annotated adds."""

import types
import typing
from collections.abc import Iterable
from typing import Any

from .annotations import Unresolved
from .parameters import Kind, Parameter

# A longer default, such as a whole dataclass, says less than its place in the line.
_LONGEST_DEFAULT = 40


def spell_signature(name: str, parameters: Iterable[Parameter], hints: dict[str, Any]) -> str:
    listed = ", ".join(_parameter(one, hints) for one in parameters)
    returned = f" -> {spell(hints['return'])}" if "return" in hints else ""
    return f"{name}({listed}){returned}"


def spell(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, Unresolved):
        return hint.text
    if origin is typing.Annotated:
        return spell(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join(map(spell, arguments))
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if arguments:
        return f"{spell(origin)}[{', '.join(map(spell, arguments))}]"
    return _name(hint)


def _name(hint: Any) -> str:
    if hint in (None, types.NoneType):
        return "None"
    if hint is ...:
        return "..."
    return getattr(hint, "__name__", None) or str(hint).removeprefix("typing.")


def _parameter(one: Parameter, hints: dict[str, Any]) -> str:
    stars = "*" if one.kind is Kind.VAR_POSITIONAL else "**" if one.kind is Kind.VAR_KEYWORD else ""
    hint = f": {spell(hints[one.name])}" if one.name in hints else ""
    if one.is_required:
        return f"{stars}{one.name}{hint}"
    default = repr(one.default)
    shown = default if len(default) <= _LONGEST_DEFAULT else "..."
    return f"{one.name}{hint}{' = ' if hint else '='}{shown}"
