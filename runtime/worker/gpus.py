"""Says again and again how busy each GPU is and how much of its memory is used: a line of JSON each time.

It is a process of its own that loads no handler, and ends when nobody reads it any more. A driver that hangs or crashes
takes this process along and no other.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from .nvml import Device, Nvml, NvmlError, NvmlMissing

# For the gateway: another try would end alike.
_FINAL_EXIT_CODE = 3


def report(seconds: str, chosen: str) -> int:
    out = _own_stdout()
    try:
        gpus = _Gpus([word for word in chosen.split(",") if word])
        while True:
            os.write(out, json.dumps(gpus.readings()).encode() + b"\n")
            time.sleep(float(seconds))
    except NvmlMissing as error:
        _say(str(error))
        return _FINAL_EXIT_CODE
    except NvmlError as error:
        _say(str(error))
        return 1
    except BrokenPipeError:
        return 0


def _own_stdout() -> int:
    """A library that prints must not write between the lines."""
    out = os.dup(1)
    os.dup2(2, 1)
    return out


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class _Gpus:
    """Those that this process can see, or of these the chosen ones: as CUDA is told, by number or start of a UUID."""

    def __init__(self, chosen: list[str]) -> None:
        self._said: set[str] = set()
        self._nvml = Nvml()
        self._chosen = chosen
        self._uuids = tuple(word for word in chosen if word.startswith("GPU-"))
        self._devices = list(self._found())
        if not self._devices:
            of_these = f" of {', '.join(chosen)}" if chosen else ""
            raise NvmlMissing(f"no GPU can be read{of_these}")

    def readings(self) -> list[dict[str, Any]]:
        """Of each that answers; of one that does not, it is said once why."""
        readings = []
        for device in self._devices:
            try:
                readings.append(_reading(device))
            except NvmlError as error:
                self._say_once(f"GPU {device.index}: {error}")
        if not readings:
            raise NvmlError("no GPU answers any more")
        return readings

    def _found(self) -> Iterator[Device]:
        for index in range(self._nvml.count()):
            try:
                device = self._nvml.device(index)
                if self._is_chosen(device):
                    yield device
            except NvmlError as error:
                self._say_once(f"GPU {index}: {error}")

    def _is_chosen(self, device: Device) -> bool:
        if not self._chosen or str(device.index) in self._chosen:
            return True
        return bool(self._uuids) and device.uuid().startswith(self._uuids)

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            _say(text)


def _reading(device: Device) -> dict[str, Any]:
    return {"gpu": device.index, "utilization": device.utilization(), "memoryUsed": device.memory_used()}
