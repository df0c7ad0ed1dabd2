"""The sum of a tensor that comes as its bytes."""

import numpy as np
from numpy.typing import NDArray


def predict(features: NDArray[np.float32]) -> dict[str, float]:
    return {"total": float(features.sum())}
