"""Trains the model that this example serves, on the iris data that scikit-learn ships.

    python train.py [model directory]

Writes `model.json`, the coefficients as plain numbers, which load under every Python and library version as a pickle
would not, and the samples with scikit-learn's own answers. Prints the accuracy on flowers the model has not seen.
"""

import json
import sys
from pathlib import Path
from typing import Any

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

HERE = Path(__file__).resolve().parent
FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")

# A third is held back: of fewer flowers, the accuracy would be luck.
HELD_OUT = 50

# Newton's method ends at the optimum itself, to 13 digits on any processor. The default, lbfgs, ends somewhere near it,
# by the last digits of the processor's arithmetic.
SOLVER = {"solver": "newton-cholesky", "tol": 1e-10}

# Fewer than all processors agree on, so that training anew changes nothing.
DIGITS = 9


def main(directory: Path) -> None:
    iris = load_iris()
    train, held_out, train_species, held_out_species = train_test_split(
        iris.data, iris.target, test_size=HELD_OUT, stratify=iris.target, random_state=0
    )
    model = LogisticRegression(**SOLVER).fit(train, train_species)
    print(f"accuracy {model.score(held_out, held_out_species):.3f} on {HELD_OUT} held-out flowers")

    species = [str(name) for name in iris.target_names]
    write(directory / "model.json", exported(model, species))
    (directory / "samples").mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(species):
        flower = held_out[held_out_species == number][0]
        write(directory / "samples" / f"{name}.json", sample(model, species, flower.tolist()))


def exported(model: LogisticRegression, species: list[str]) -> dict[str, Any]:
    return {
        "species": species,
        "features": FEATURES,
        "coefficients": model.coef_.round(DIGITS).tolist(),
        "intercepts": model.intercept_.round(DIGITS).tolist(),
    }


def sample(model: LogisticRegression, species: list[str], flower: list[float]) -> dict[str, Any]:
    probabilities = model.predict_proba([flower])[0].round(6).tolist()
    label = species[int(model.predict([flower])[0])]
    return {
        "input": dict(zip(FEATURES, flower)),
        "output": {"label": label, "probabilities": dict(zip(species, probabilities))},
    }


def write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "model")
