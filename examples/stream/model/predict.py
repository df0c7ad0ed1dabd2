"""Goes on with a text, word by word: which word follows which is read from a page of text, in place of a trained model."""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

# Clients of OpenAI's completions are served as well, at /v1/completions.
openai = "completions"


class Writer:
    def __init__(self, model_dir: Path) -> None:
        words = (model_dir / "text.txt").read_text().split()
        self.followers: dict[str, list[str]] = defaultdict(list)
        for word, follower in zip(words, words[1:]):
            self.followers[word].append(follower)
        self.words = words

    def predict(
        self,
        prompt: Annotated[str, "The text to go on with"],
        max_tokens: Annotated[int, "How many words at most", {"minimum": 1, "maximum": 1000}] = 20,
        seed: Annotated[int | None, "The same number writes the same words"] = None,
    ) -> Iterator[str]:
        chance = random.Random(seed)
        word = (prompt.split() or [""])[-1]
        for _ in range(max_tokens):
            word = chance.choice(self.followers.get(word) or self.words)
            yield f" {word}"
