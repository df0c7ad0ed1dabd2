"""Does what it is told, well or badly: for the soak test's mixture of good, failing, slow and deadly requests."""

import os
import time


def predict(act: str, size: int = 10) -> list[float]:
    if act == "raise":
        raise ValueError("asked to fail")
    if act == "die":
        os._exit(3)
    if act == "wait":
        time.sleep(0.02)
    return [0.5] * size
