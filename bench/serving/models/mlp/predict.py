"""Two layers over 784 pixels in NumPy."""

import numpy as np
from numpy.typing import NDArray


class Mlp:
    def __init__(self):
        random = np.random.default_rng(7)
        self.first = random.standard_normal((784, 128), dtype=np.float32) / 28
        self.second = random.standard_normal((128, 10), dtype=np.float32) / 11

    def predict_batch(self, features: NDArray[np.float32]) -> list[dict[str, str]]:
        scores = np.maximum(features @ self.first, 0) @ self.second
        return [{"label": f"digit {index}"} for index in scores.argmax(axis=1)]
