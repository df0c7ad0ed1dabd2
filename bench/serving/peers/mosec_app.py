"""mosec as its documentation has it: one worker process behind its Rust front; batches where they are on."""

import json
import sys

from handlers import BATCHING, MAX_BATCH, PORT, WORK, load, tokens
from mosec import Server, SSEWorker, Worker


class Bench(Worker):
    def __init__(self) -> None:
        super().__init__()
        self.model = load()

    def forward(self, data):
        if BATCHING:
            return self.model.rows([one["features"] for one in data])
        return self.model.rows([data["features"]])[0]


class Binary(Bench):
    def deserialize(self, data: bytes) -> bytes:
        return data

    def forward(self, data: bytes):
        return self.model.total(data)


class Stream(SSEWorker):
    def forward(self, data):
        for token in tokens():
            self.send_stream_event(token)
        return "end"

    def serialize(self, data) -> bytes:
        return json.dumps(data).encode()


if __name__ == "__main__":
    sys.argv = ["mosec", "--address", "127.0.0.1", "--port", str(PORT), "--log-level", "warning", "--timeout", "60000"]
    server = Server()
    worker = {"stream": Stream, "binary": Binary}.get(WORK, Bench)
    server.append_worker(worker, num=1, max_batch_size=MAX_BATCH if BATCHING else 1)
    server.run()
