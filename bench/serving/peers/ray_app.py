"""Ray Serve as its documentation has it: one replica behind the HTTP proxy; `@serve.batch` where batching is on."""

import asyncio
import signal

import ray
from handlers import BATCHING, MAX_BATCH, PORT, SLEEP_SECONDS, WORK, load, tokens
from ray import serve
from starlette.requests import Request
from starlette.responses import StreamingResponse


@serve.deployment(num_replicas=1, max_ongoing_requests=1000, ray_actor_options={"num_cpus": 0.5})
class Bench:
    def __init__(self) -> None:
        self.model = load()

    @serve.batch(max_batch_size=MAX_BATCH, batch_wait_timeout_s=0.005)
    async def batch(self, rows: list[list[float]]) -> list[dict]:
        return self.model.rows(rows)

    async def __call__(self, request: Request):
        if WORK == "binary":
            return self.model.total(await request.body())
        features = (await request.json())["features"]
        if WORK == "stream":
            return StreamingResponse((f"data: {token}\n\n" for token in tokens()), media_type="text/event-stream")
        if WORK == "sleep":
            await asyncio.sleep(SLEEP_SECONDS)
            return {"label": "slept"}
        if BATCHING:
            return await self.batch(features)
        return self.model.rows([features])[0]


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    serve.start(http_options={"host": "127.0.0.1", "port": PORT}, logging_config={"enable_access_log": False})
    serve.run(Bench.bind(), route_prefix="/predict", logging_config={"enable_access_log": False})
    signal.pause()
