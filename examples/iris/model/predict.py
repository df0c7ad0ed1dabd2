"""Which iris is it? A logistic regression over four measurements of a flower."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

# No flower is longer than 30 cm: whoever sends more has sent millimetres.
LENGTH = {"exclusiveMinimum": 0, "maximum": 30}

Species = Literal["setosa", "versicolor", "virginica"]


@dataclass
class Prediction:
    label: Annotated[Species, "The most likely species"]
    probabilities: Annotated[dict[str, float], "How likely each species is; they add up to 1"]


class Iris:
    def __init__(self, model_dir: Path) -> None:
        model = json.loads((model_dir / "model.json").read_text())
        self.species = model["species"]
        self.coefficients = np.array(model["coefficients"])
        self.intercepts = np.array(model["intercepts"])

    def predict(
        self,
        sepal_length: Annotated[float, "Length of a sepal in cm", LENGTH],
        sepal_width: Annotated[float, "Width of a sepal in cm", LENGTH],
        petal_length: Annotated[float, "Length of a petal in cm", LENGTH],
        petal_width: Annotated[float, "Width of a petal in cm", LENGTH],
    ) -> Prediction:
        flower = np.array([sepal_length, sepal_width, petal_length, petal_width])
        scores = self.coefficients @ flower + self.intercepts
        likelihoods = np.exp(scores - scores.max())
        probabilities = (likelihoods / likelihoods.sum()).round(6).tolist()
        return Prediction(
            label=self.species[int(scores.argmax())],
            probabilities=dict(zip(self.species, probabilities)),
        )
