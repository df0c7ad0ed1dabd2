"""Dataclasses, known by what Python's own module leaves in such a class: whoever has one has imported that module, and
nobody else needs it.
"""

from typing import Any

from .late import python_own


def is_dataclass(kind: type) -> bool:
    return hasattr(kind, "__dataclass_fields__")


def fields_of(kind: Any) -> Any:
    """Of a dataclass or a value of one: its `dataclasses.Field`s."""
    return python_own("dataclasses").fields(kind)


def members_of(value: Any) -> dict[str, Any] | None:
    """The fields of a dataclass's value; None of anything else."""
    if not is_dataclass(type(value)):
        return None
    return {one.name: getattr(value, one.name) for one in fields_of(value)}
