"""Which members of a request are arrays of numbers, how each is best sent, and in which form its parameter wants it."""

from typing import Literal

from .foreign import NumpyArray
from .shape import Array, Choice, Constrained, Foreign, Scalar, Shape

# NumPy's names of floating-point types, and the Open Inference Protocol's.
_FLOATS = {"float16": "FP16", "float32": "FP32", "float64": "FP64"}

# How a parameter takes an array: as numpy's, as lists of bytes objects, or as lists of what JSON knows.
Form = Literal["numpy", "bytes", "list"]


def array_dtypes(members: dict[str, Shape]) -> dict[str, str]:
    """Those that gain by being sent as arrays. Integers do not qualify: those of JSON may be larger than any array's."""
    found = {name: _dtype(_bare(shape)) for name, shape in members.items()}
    return {name: dtype for name, dtype in found.items() if dtype}


def array_forms(members: dict[str, Shape]) -> dict[str, Form]:
    return {name: _form(_bare(shape)) for name, shape in members.items()}


def _dtype(shape: Shape) -> str | None:
    if isinstance(shape, Foreign) and isinstance(shape.library, NumpyArray):
        element = shape.library.element
        # Without an element type, whole numbers make an array of integers: their text has to come along.
        return _FLOATS.get(element.__name__) if element else None
    if isinstance(shape, Array) and _leaf(shape) is float:
        return "FP64"
    return None


def _form(shape: Shape) -> Form:
    if isinstance(shape, Foreign) and isinstance(shape.library, NumpyArray):
        return "numpy"
    return "bytes" if _leaf(shape) is bytes else "list"


def _leaf(shape: Shape) -> type | None:
    """What a list, or a list of lists, has in it in the end."""
    while isinstance(shape, Array):
        shape = _bare(shape.items)
    return shape.kind if isinstance(shape, Scalar) and shape.build is None else None


def _bare(shape: Shape) -> Shape:
    """Without what Annotated adds, and without the None of an optional one."""
    while isinstance(shape, (Constrained, Choice)):
        if isinstance(shape, Constrained):
            shape = shape.shape
            continue
        others = [one for one in shape.options if not (isinstance(one, Scalar) and one.kind is type(None))]
        if len(others) != 1:
            return shape
        shape = others[0]
    return shape
