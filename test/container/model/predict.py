"""A model that does what a container test asks of it, and says what it saw."""

import os
import platform
import subprocess
import time


CODE = "first"


class Model:
    def __init__(self, config):
        self.config = config

    def predict(self, do: str, path: str = "", seconds: float = 0, mebibytes: int = 0):
        if do == "identify":
            return identity()
        if do == "tell":
            time.sleep(seconds)
            return {"code": CODE, "config": self.config}
        if do == "write":
            return write(path)
        if do == "wait":
            time.sleep(seconds)
            return "waited"
        if do == "orphan":
            return orphan(seconds)
        return len(bytearray(os.urandom(1024)) * (1024 * mebibytes))


def identity():
    return {"user": os.getuid(), "group": os.getgid(), "groups": os.getgroups(), "python": platform.python_version()}


def write(path):
    try:
        with open(path, "w") as file:
            file.write("x")
    except OSError as error:
        return error.strerror
    return "written"


def orphan(seconds):
    """The id of a process whose parent, a shell, is gone already."""
    shell = subprocess.run(
        ["sh", "-c", f"sleep {seconds} >/dev/null 2>&1 & echo $!"], capture_output=True, check=True, text=True
    )
    return int(shell.stdout)
