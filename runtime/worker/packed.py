"""Packed bodies: arrays of numbers as they lie in memory, beside ordinary JSON values.

    | u32 bytes of JSON | JSON | zeros up to a multiple of 8 | array | zeros up to a multiple of 8 | array ...

    {"values": {...}, "arrays": {"name": {"dtype": "FP32", "shape": [2, 3], "offset": 0, "bytes": 24}}}

Offsets count from the first byte after the padding. Row-major and little-endian, as the machines are that this runs on;
data types and the form of BYTES are the Open Inference Protocol's. `test/fixtures/packed.json` tests both ends.
"""

import math
import struct
import sys
from typing import Any

from .arrays import Form
from .codec import InvalidInput, decode, encode
from .own_json import to_json_text
from .records import members_of

# Per type: bytes of an element, numpy's name of it, and its format for memoryview, which has none for FP16.
_TYPES: dict[str, tuple[int, str, str]] = {
    "BOOL": (1, "?", "?"),
    "UINT8": (1, "u1", "B"),
    "UINT16": (2, "<u2", "H"),
    "UINT32": (4, "<u4", "I"),
    "UINT64": (8, "<u8", "Q"),
    "INT8": (1, "i1", "b"),
    "INT16": (2, "<i2", "h"),
    "INT32": (4, "<i4", "i"),
    "INT64": (8, "<i8", "q"),
    "FP16": (2, "<f2", ""),
    "FP32": (4, "<f4", "f"),
    "FP64": (8, "<f8", "d"),
}
_NAMES = {(numpy[-2] if len(numpy) > 1 else "b", size): name for name, (size, numpy, _) in _TYPES.items()}

_LENGTH = struct.Struct("<I")

# An array without elements can have any number of empty rows, each of which would become a list.
_MOST_EMPTY_ROWS = 1_000_000

# What the only array of a result is called.
_ONLY = "output"


def decode_packed(body: bytes | bytearray, forms: dict[str, Form]) -> tuple[dict[str, Any], int | None]:
    """The members, each array in the form its parameter takes, and of a body of rows how many there are."""
    header, data = _split(body)
    values, arrays, rows = header.get("values", {}), header.get("arrays", {}), header.get("rows")
    if not isinstance(values, dict) or not isinstance(arrays, dict):
        raise InvalidInput("a packed body needs objects as values and arrays")
    if not values.keys().isdisjoint(arrays):
        raise InvalidInput(f"{min(values.keys() & arrays.keys())} is both a value and an array")
    if rows is not None and not _is_count(rows):
        raise InvalidInput(f"{rows!r} is no number of rows")
    members = dict(values)
    for name, told in arrays.items():
        try:
            members[name] = _array(told, data, forms.get(name, "list"), rows)
        except InvalidInput as error:
            error.move_under(f".{name}")
            raise
    return members, rows


def encode_packed(result: Any, rows: int | None = None) -> bytes | None:
    """None for a result without arrays, for which JSON does as well."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "ndarray"):
        return None
    members = _members(result, numpy.ndarray)
    arrays = {name: one for name, one in members.items() if isinstance(one, numpy.ndarray) and _name_of(one)}
    if not arrays:
        return None
    told, pieces, at = {}, [], 0
    for name, array in arrays.items():
        dtype = _name_of(array)
        assert dtype is not None
        data = numpy.ascontiguousarray(array, dtype=_TYPES[dtype][1]).tobytes()
        told[name] = {"dtype": dtype, "shape": list(array.shape), "offset": at, "bytes": len(data)}
        padding = -len(data) % 8
        pieces += [data, bytes(padding)]
        at += len(data) + padding
    values = encode({name: one for name, one in members.items() if name not in arrays})
    counted = b"" if rows is None else b',"rows":%d' % rows
    header = b'{"values":%b,"arrays":%b%b}' % (values, to_json_text(told).encode(), counted)
    start = _LENGTH.pack(len(header)) + header
    return b"".join([start, bytes(-len(start) % 8), *pieces])


def _members(result: Any, ndarray: type) -> dict[str, Any]:
    if isinstance(result, ndarray):
        return {_ONLY: result}
    if isinstance(result, dict) and all(isinstance(name, str) for name in result):
        return result
    return members_of(result) or {}


def _name_of(array: Any) -> str | None:
    return _NAMES.get((array.dtype.kind, array.dtype.itemsize))


def _split(body: bytes | bytearray) -> tuple[dict[str, Any], memoryview]:
    if len(body) < _LENGTH.size:
        raise InvalidInput("a packed body is shorter than its own length")
    (size,) = _LENGTH.unpack_from(body)
    end = _LENGTH.size + size
    if end > len(body):
        raise InvalidInput(f"a packed body of {len(body)} bytes says that {size} of them are JSON")
    header = decode(bytes(memoryview(body)[_LENGTH.size : end]))
    if not isinstance(header, dict):
        raise InvalidInput("a packed body needs an object as its JSON")
    return header, memoryview(body)[end + -end % 8 :]


def _array(told: Any, data: memoryview, form: Form, rows: int | None) -> Any:
    if not isinstance(told, dict):
        raise InvalidInput("an array needs dtype, shape, offset and bytes")
    dtype, shape, offset, size = (told.get(key) for key in ("dtype", "shape", "offset", "bytes"))
    if dtype not in (*_TYPES, "BYTES"):
        raise InvalidInput(f"{dtype!r} is no data type")
    if not isinstance(shape, list) or not all(_is_count(one) for one in shape):
        raise InvalidInput(f"{shape!r} is no shape")
    if not _is_count(offset) or offset % 8 or not _is_count(size) or offset + size > len(data):
        raise InvalidInput(f"{size!r} bytes at {offset!r} are no part of {len(data)}, or begin at no multiple of 8")
    if rows is not None and shape[:1] != [rows]:
        raise InvalidInput(f"its shape {shape} does not begin with the number of rows, {rows}")
    if 0 in shape and math.prod(shape[: shape.index(0)]) > _MOST_EMPTY_ROWS:
        raise InvalidInput(f"its shape {shape} has more than {_MOST_EMPTY_ROWS} empty rows")
    count, part = math.prod(shape), data[offset : offset + size]
    if dtype == "BYTES":
        return _nested(_texts(part, count, form), shape)
    if count * _TYPES[dtype][0] != size:
        raise InvalidInput(f"{size} bytes are not what {dtype} of shape {shape} takes")
    return _in_numpy(part, dtype, shape) if form == "numpy" else _in_lists(part, dtype, shape, count)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _in_numpy(part: memoryview, dtype: str, shape: list[int]) -> Any:
    # The hint that asks for an array can only come from an imported numpy.
    return sys.modules["numpy"].frombuffer(part, dtype=_TYPES[dtype][1]).reshape(shape)


def _in_lists(part: memoryview, dtype: str, shape: list[int], count: int) -> Any:
    if count == 0:
        return _nested([], shape)
    if dtype == "FP16":
        return _nested(list(struct.unpack(f"<{count}e", part)), shape)
    flat = part.cast(_TYPES[dtype][2])
    return flat.tolist() if len(shape) == 1 else _nested(flat.tolist(), shape)


def _texts(part: memoryview, count: int, form: Form) -> list[Any]:
    """Each is its length and its bytes; text where nothing says that it is bytes."""
    found: list[Any] = []
    at = 0
    while len(found) < count:
        start = at + _LENGTH.size
        end = start + _LENGTH.unpack_from(part, at)[0] if start <= len(part) else start
        if end > len(part):
            raise InvalidInput(f"BYTES end inside element {len(found)} of {count}")
        found.append(_text(bytes(part[start:end]), form))
        at = end
    if at != len(part):
        raise InvalidInput(f"BYTES go on after the last of {count} elements")
    return found


def _text(element: bytes, form: Form) -> Any:
    if form == "bytes":
        return element
    try:
        return element.decode()
    except UnicodeDecodeError:
        raise InvalidInput("an element of BYTES is no UTF-8 text") from None


def _nested(flat: list[Any], shape: list[int]) -> Any:
    """Lists in lists, as the shape says; without dimensions the one element itself."""
    if not shape:
        return flat[0]
    if not flat:
        return _empty(shape)
    for size in reversed(shape[1:]):
        flat = [flat[at : at + size] for at in range(0, len(flat), size)]
    return flat


def _empty(shape: list[int]) -> list[Any]:
    return [_empty(shape[1:]) for _ in range(shape[0])] if shape[0] else []
