"""MLServer as its documentation has it: a custom runtime behind its Open Inference Protocol route, in its own process.

Started as `python mlserver_runtime.py`, which writes the two settings files that `mlserver start` reads.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator

from handlers import BATCHING, MAX_BATCH, PORT, SLEEP_SECONDS, WORK, load, tokens
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Bench(MLModel):
    async def load(self) -> bool:
        self.model = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = NumpyCodec.decode_input(payload.inputs[0])
        if WORK == "sleep":
            await asyncio.sleep(SLEEP_SECONDS)
            results = [{"label": "slept"}]
        else:
            results = self.model.rows(rows if WORK in ("sklearn", "mlp") else rows.tolist())
        if "label" in results[0]:
            output = StringCodec.encode_output("label", [result["label"] for result in results])
        else:
            import numpy

            output = NumpyCodec.encode_output("total", numpy.array([[result["total"]] for result in results]))
        return InferenceResponse(model_name=self.name, outputs=[output])

    async def predict_stream(self, payloads: AsyncIterator[InferenceRequest]) -> AsyncIterator[InferenceResponse]:
        async for _ in payloads:
            for token in tokens():
                yield InferenceResponse(model_name=self.name, outputs=[StringCodec.encode_output("token", [token])])


def main() -> None:
    folder = tempfile.mkdtemp(prefix="bench-mlserver-")
    batching = {"max_batch_size": MAX_BATCH, "max_batch_time": 0.005} if BATCHING else {}
    model = {"name": "bench", "implementation": "mlserver_runtime.Bench", **batching}
    ports = {"http_port": PORT, "grpc_port": PORT + 1, "metrics_port": PORT + 2}
    # Streams work without processes of their own for models, and uncompressed.
    server = {"host": "127.0.0.1", **ports, "parallel_workers": 0, "gzip_enabled": WORK != "stream"}
    for name, settings in (("settings", server), ("model-settings", model)):
        with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump(settings, file)
    os.environ["PYTHONPATH"] = os.path.dirname(os.path.abspath(__file__))
    command = os.path.join(os.path.dirname(sys.executable), "mlserver")
    os.execv(command, [command, "start", folder])


if __name__ == "__main__":
    main()
