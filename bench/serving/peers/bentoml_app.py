"""BentoML as its documentation has it: a typed service with one worker; its adaptive batching where that is on.

    BENCH_WORK=trivial bentoml serve bentoml_app:Bench
"""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import bentoml
from handlers import BATCHING, MAX_BATCH, SLEEP_SECONDS, WORK, load, tokens

service = bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})

if WORK == "stream":

    @service
    class Bench:
        @bentoml.api
        async def predict(self, features: list[float]) -> AsyncGenerator[str, None]:
            for token in tokens():
                yield f"data: {token}\n\n"

elif WORK == "binary":

    @service
    class Bench:
        def __init__(self) -> None:
            self.model = load()

        # The only form in which it takes a body as it is: as the path of a file that it has written it to.
        @bentoml.api
        def predict(self, tensor: Path, /) -> dict:
            return self.model.total(tensor.read_bytes())

elif WORK == "sleep":

    @service
    class Bench:
        @bentoml.api
        async def predict(self, features: list[float]) -> dict:
            await asyncio.sleep(SLEEP_SECONDS)
            return {"label": "slept"}

elif BATCHING:

    @service
    class Bench:
        def __init__(self) -> None:
            self.model = load()

        @bentoml.api(batchable=True, max_batch_size=MAX_BATCH, max_latency_ms=1000)
        def predict(self, rows: list[list[float]]) -> list[dict]:
            return self.model.rows(rows)

else:

    @service
    class Bench:
        def __init__(self) -> None:
            self.model = load()

        @bentoml.api
        def predict(self, features: list[float]) -> dict:
            return self.model.rows([features])[0]
