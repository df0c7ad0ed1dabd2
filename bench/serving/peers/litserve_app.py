"""LitServe as its documentation has it: one worker process on the CPU, its fast queue, batches where they are on."""

import litserve as ls
from handlers import BATCHING, MAX_BATCH, PORT, WORK, load, tokens


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


if __name__ == "__main__":
    api = StreamApi(stream=True) if WORK == "stream" else Api(max_batch_size=MAX_BATCH if BATCHING else 1)
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(host="127.0.0.1", port=PORT, log_level="warning", access_log=False, generate_client_file=False)
