"""Writes down each call that it begins, so that a driver can tell which requests a killed worker had begun."""

import os


class Recorded:
    def __init__(self, config):
        self.record = os.open(config["record"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def predict(self, nonce: str) -> str:
        os.write(self.record, f"{nonce}\n".encode())
        return nonce
