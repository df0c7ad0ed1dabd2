"""Four measures of a flower and the name of its kind, without a library."""


def predict(features: list[float]) -> dict[str, str]:
    if features[2] < 2.5:
        return {"label": "setosa"}
    return {"label": "versicolor" if features[3] < 1.75 else "virginica"}
