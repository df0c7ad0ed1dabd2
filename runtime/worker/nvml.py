"""NVIDIA's management library, NVML, as far as two numbers of a GPU need it.

The container runtime brings the library along with the driver, so that it fits the driver and nothing has to be installed.
"""

import ctypes
from ctypes import byref, c_char_p, c_uint, c_ulonglong, c_void_p
from typing import Any

LIBRARY = "libnvidia-ml.so.1"

_NOT_SUPPORTED = 3
_UUID_BYTES = 96


class NvmlError(Exception):
    """A call failed; the words are the library's own."""

    def __init__(self, text: str, code: int | None = None) -> None:
        super().__init__(text)
        self.code = code


class NvmlMissing(Exception):
    """There is no such library here, or not one that can be used."""


class _Utilization(ctypes.Structure):
    _fields_ = [("gpu", c_uint), ("memory", c_uint)]


class _Memory(ctypes.Structure):
    _fields_ = [("total", c_ulonglong), ("free", c_ulonglong), ("used", c_ulonglong)]


class Nvml:
    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(LIBRARY)
            self._library.nvmlErrorString.restype = c_char_p
        except (OSError, AttributeError) as error:
            raise NvmlMissing(str(error)) from None
        self._call("nvmlInit_v2")

    def count(self) -> int:
        count = c_uint()
        self._call("nvmlDeviceGetCount_v2", byref(count))
        return count.value

    def device(self, index: int) -> "Device":
        handle = c_void_p()
        self._call("nvmlDeviceGetHandleByIndex_v2", c_uint(index), byref(handle))
        return Device(self._call, index, handle)

    def _call(self, name: str, *arguments: Any) -> None:
        try:
            function = getattr(self._library, name)
        except AttributeError:
            raise NvmlMissing(f"{LIBRARY} has no {name}") from None
        code = function(*arguments)
        if code != 0:
            text = self._library.nvmlErrorString(c_uint(code)) or b"error"
            raise NvmlError(f"{name}: {text.decode(errors='replace')} ({code})", code)


class Device:
    """One GPU, by the number that NVML gives it."""

    def __init__(self, call: Any, index: int, handle: c_void_p) -> None:
        self._call = call
        self.index = index
        self._handle = handle

    def uuid(self) -> str:
        text = ctypes.create_string_buffer(_UUID_BYTES)
        self._call("nvmlDeviceGetUUID", self._handle, text, c_uint(_UUID_BYTES))
        return text.value.decode()

    def utilization(self) -> float | None:
        """0 to 1; None of a GPU that does not count it, such as one that is divided (MIG)."""
        rates = _Utilization()
        return rates.gpu / 100 if self._says("nvmlDeviceGetUtilizationRates", rates) else None

    def memory_used(self) -> int | None:
        """Bytes; None of a GPU that does not count them."""
        memory = _Memory()
        return memory.used if self._says("nvmlDeviceGetMemoryInfo", memory) else None

    def _says(self, name: str, into: ctypes.Structure) -> bool:
        try:
            self._call(name, self._handle, byref(into))
        except NvmlError as error:
            if error.code == _NOT_SUPPORTED:
                return False
            raise
        return True
