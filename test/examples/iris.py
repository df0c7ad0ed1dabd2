"""Asks the iris handler and scikit-learn about every flower of the data set; prints the largest difference."""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

directory = Path(sys.argv[1])
sys.path.insert(0, str(directory))
from predict import Iris  # noqa: E402

iris = load_iris()
exported = json.loads((directory / "model.json").read_text())

model = LogisticRegression()
model.classes_ = np.arange(len(exported["species"]))
model.coef_ = np.array(exported["coefficients"])
model.intercept_ = np.array(exported["intercepts"])

answers = [Iris(directory).predict(*flower) for flower in iris.data.tolist()]
probabilities = np.array([[one.probabilities[name] for name in iris.target_names] for one in answers])
labels = [exported["species"][number] for number in model.predict(iris.data)]

print(
    json.dumps(
        {
            "flowers": len(answers),
            "largestDifference": float(np.abs(probabilities - model.predict_proba(iris.data)).max()),
            "sameLabels": [one.label for one in answers] == labels,
        }
    )
)
