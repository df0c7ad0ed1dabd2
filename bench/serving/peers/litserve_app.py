"""LitServe as its documentation has it: one worker process on the CPU, its fast queue, batches where they are on."""

import asyncio

import litserve as ls
from handlers import BATCHING, MAX_BATCH, PORT, SLEEP_SECONDS, WORK, load, tokens


class Api(ls.LitAPI):
    def setup(self, device):
        self.model = load()

    def decode_request(self, request):
        return request["features"]

    def predict(self, features):
        return self.model.rows(features) if BATCHING else self.model.rows([features])[0]

    def encode_response(self, output):
        return output


class StreamApi(Api):
    def predict(self, features):
        yield from tokens()

    def encode_response(self, output):
        for token in output:
            yield f"data: {token}\n\n"


class SleepApi(ls.LitAPI):
    def setup(self, device):
        pass

    async def decode_request(self, request):
        return request["features"]

    async def predict(self, features):
        await asyncio.sleep(SLEEP_SECONDS)
        return {"label": "slept"}

    async def encode_response(self, output):
        return output


def api() -> ls.LitAPI:
    if WORK == "stream":
        return StreamApi(stream=True)
    if WORK == "sleep":
        return SleepApi(enable_async=True)
    return Api(max_batch_size=MAX_BATCH if BATCHING else 1)


if __name__ == "__main__":
    server = ls.LitServer(api(), accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(host="127.0.0.1", port=PORT, log_level="warning", access_log=False, generate_client_file=False)
