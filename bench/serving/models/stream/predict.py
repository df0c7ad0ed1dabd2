"""Two hundred tokens, each as soon as the one before it is taken."""

from collections.abc import Iterator


def predict(features: list[float]) -> Iterator[str]:
    for index in range(200):
        yield f"tok {index}"
