"""The worker: one Python process that loads the user's handler and answers the gateway's requests.

    python -u <this directory> <socket path> [mark path]         serve over the gateway's socket
    python -u <this directory> --zygote <socket path>            load, then be forked into workers at the gateway's word
    python <this directory> --describe <handler dir> [entry]     print what the handler is, as JSON
    python <this directory> --gpus <seconds> <chosen>            say how busy GPUs are, as lines of JSON

It promises that the user's code meets none of these modules by name and that every request gets one answer.
"""

import gc
import importlib.machinery
import importlib.util
import os
import sys

PACKAGE = "_model_api_worker"


def become_private_package() -> None:
    """Python put this directory on the import path, where `schema.py` here would hide the user's: take it off again."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = importlib.machinery.ModuleSpec(PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [here]
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)


become_private_package()
# For the worker's own modules alone, of which nothing is ever collected: `imports.py` takes both back.
gc.disable()
sys.dont_write_bytecode = False


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--describe"]:
        from _model_api_worker.describe import describe

        return describe(*arguments[1:])
    if arguments[:1] == ["--gpus"]:
        from _model_api_worker.gpus import report

        return report(*arguments[1:])
    if arguments[:1] == ["--zygote"]:
        from _model_api_worker.zygote import serve_forks

        return serve_forks(*arguments[1:])
    from _model_api_worker.serve import serve

    return serve(*arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
