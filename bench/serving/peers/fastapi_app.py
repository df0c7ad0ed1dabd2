"""FastAPI as its documentation has it: pydantic models in and out, which it reads and writes in Rust.

    BENCH_VARIANT=async|sync BENCH_WORK=trivial uvicorn fastapi_app:app --loop uvloop --http httptools
"""

import asyncio
import os

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from handlers import SLEEP_SECONDS, WORK, load, tokens
from pydantic import BaseModel


class Row(BaseModel):
    features: list[float]


class Label(BaseModel):
    label: str


class Total(BaseModel):
    total: float


Answer = Total if WORK in ("json100k", "batchable", "binary") else Label
app = FastAPI()
model = load()

if WORK == "binary":

    @app.post("/predict")
    async def predict_binary(request: Request) -> Answer:
        return Answer(**model.total(await request.body()))

elif WORK == "stream":

    @app.post("/predict")
    async def predict_stream(row: Row) -> StreamingResponse:
        async def events():
            for token in tokens():
                yield f"data: {token}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

elif os.environ.get("BENCH_VARIANT") == "sync":

    @app.post("/predict")
    def predict_sync(row: Row) -> Answer:
        return Answer(**model.rows([row.features])[0])

elif WORK == "sleep":

    @app.post("/predict")
    async def predict_sleep(row: Row) -> Answer:
        await asyncio.sleep(SLEEP_SECONDS)
        return Answer(label="slept")

else:

    @app.post("/predict")
    async def predict(row: Row) -> Answer:
        return Answer(**model.rows([row.features])[0])
