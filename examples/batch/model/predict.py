"""Which iris is it? Many flowers in one multiplication: what several callers ask at a time is one call."""

import json
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

Species = Literal["setosa", "versicolor", "virginica"]

# Length and width of a sepal, then of a petal, in cm.
Flower = Annotated[list[Annotated[float, {"exclusiveMinimum": 0, "maximum": 30}]], {"minItems": 4, "maxItems": 4}]


class Iris:
    def __init__(self, model_dir: Path) -> None:
        model = json.loads((model_dir / "model.json").read_text())
        self.species = model["species"]
        self.coefficients = np.array(model["coefficients"])
        self.intercepts = np.array(model["intercepts"])

    def predict_batch(self, flower: list[Flower]) -> list[Species]:
        scores = np.array(flower) @ self.coefficients.T + self.intercepts
        return [self.species[index] for index in scores.argmax(axis=1)]
