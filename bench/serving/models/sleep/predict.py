"""Waits for 10 ms, as for a feature store."""

import asyncio


async def predict(features: list[float]) -> dict[str, str]:
    await asyncio.sleep(0.010)
    return {"label": "slept"}
