"""Writes down each call that it begins, so that a driver can tell which requests a killed worker had begun.

Into a file that is mapped, which outlives the process: a system call would leave a long moment in which a call has begun
and is not written down.
"""

import mmap
import os


class Recorded:
    def __init__(self, config):
        file = os.open(config["record"], os.O_RDWR | os.O_CREAT, 0o600)
        start = os.fstat(file).st_size
        os.ftruncate(file, start + 64 * 1024 * 1024)
        self.record = mmap.mmap(file, 0)
        self.at = start

    def predict(self, nonce: str) -> str:
        at = self.at
        self.at = end = at + len(nonce) + 1
        self.record[at:end] = nonce.encode() + b"\n"
        return nonce
