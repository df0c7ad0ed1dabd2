"""Types of libraries that the user's code brought along: pydantic, msgspec, numpy.

They are looked up among the modules already imported and never imported first: what the user does not use costs
nothing and cannot be missing. Only their public functions are called.
"""

import sys
import typing
from typing import Any

from .codec import InvalidInput
from .shape import INPUT, Foreign, Mode


def foreign_shape(hint: Any) -> Foreign | None:
    name = getattr(hint, "__name__", str(hint))
    if isinstance(hint, type) and hasattr(hint, "model_json_schema") and hasattr(hint, "model_validate"):
        return Foreign(name, PydanticModel(hint))
    if isinstance(hint, type) and hasattr(hint, "__struct_fields__") and "msgspec" in sys.modules:
        return Foreign(name, MsgspecStruct(hint))
    if is_numpy_array(hint):
        return Foreign(name, NumpyArray(hint))
    if _has_own_pydantic_schema(hint):
        return Foreign(name, PydanticType(hint))
    return None


class PydanticModel:
    is_record = True

    def __init__(self, model: Any) -> None:
        self._model = model

    def schema(self, mode: Mode) -> dict[str, Any]:
        schema: dict[str, Any] = self._model.model_json_schema(mode=_pydantic_mode(mode))
        return schema

    def convert(self, value: Any) -> Any:
        try:
            return self._model.model_validate(value)
        except ValueError as error:
            raise _pydantic_errors(error) from None


class PydanticType:
    """A type such as EmailStr that is no model and still knows pydantic's protocol."""

    def __init__(self, hint: Any) -> None:
        self._adapter = sys.modules["pydantic"].TypeAdapter(hint)

    def schema(self, mode: Mode) -> dict[str, Any]:
        schema: dict[str, Any] = self._adapter.json_schema(mode=_pydantic_mode(mode))
        return schema

    def convert(self, value: Any) -> Any:
        try:
            return self._adapter.validate_python(value)
        except ValueError as error:
            raise _pydantic_errors(error) from None


class MsgspecStruct:
    is_record = True

    def __init__(self, struct: Any) -> None:
        self._struct = struct
        self._msgspec: Any = sys.modules["msgspec"]

    def schema(self, mode: Mode) -> dict[str, Any]:
        (root,), definitions = self._msgspec.json.schema_components([self._struct], ref_template="#/$defs/{name}")
        return {**root, "$defs": definitions}

    def convert(self, value: Any) -> Any:
        try:
            return self._msgspec.convert(value, self._struct)
        except self._msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            raise InvalidInput(message, path.rstrip("`")) from None


class NumpyArray:
    """`np.ndarray`, or `NDArray[np.float32]`, whose element type the array then has."""

    def __init__(self, hint: Any) -> None:
        element = typing.get_args(typing.get_args(hint)[1])[:1] if typing.get_args(hint)[1:] else ()
        self.element = next((one for one in element if isinstance(one, type)), None)

    def schema(self, mode: Mode) -> dict[str, Any]:
        return {"type": "array"}

    def convert(self, value: Any) -> Any:
        try:
            return sys.modules["numpy"].asarray(value, dtype=self.element)
        except (ValueError, TypeError) as error:
            raise InvalidInput(str(error)) from None


def is_numpy_array(hint: Any) -> bool:
    kind = typing.get_origin(hint) or hint
    return getattr(kind, "__module__", None) == "numpy" and getattr(kind, "__name__", None) == "ndarray"


def _has_own_pydantic_schema(hint: Any) -> bool:
    return "pydantic" in sys.modules and hasattr(hint, "__get_pydantic_core_schema__")


def _pydantic_mode(mode: Mode) -> str:
    return "validation" if mode == INPUT else "serialization"


def _pydantic_errors(error: Any) -> InvalidInput:
    """Each complaint at its own path; a plain ValueError, as from a user's own model, has no list of them."""
    invalid = InvalidInput(str(error))
    if hasattr(error, "errors"):
        invalid.errors = [("".join(map(_step, one["loc"])), one["msg"]) for one in error.errors()]
    return invalid


def _step(part: Any) -> str:
    return f"[{part}]" if isinstance(part, int) else f".{part}"
