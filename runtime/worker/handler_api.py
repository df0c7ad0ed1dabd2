"""What handlers may import as `model_api`: their caller's request, own metrics, and the exception that cancels a call.

    import model_api

    cache_hits = model_api.counter("cache_hits", "Answers that came from the cache")

    def predict(text: str) -> str:
        cache_hits.add(tier="memory")
        requests.post(url, headers=model_api.request().headers)

Threads that a handler starts itself have no request, unless they are started in a copy of its context
(`contextvars.copy_context().run`). A package of the user's that has this name is found first.
"""

import importlib.machinery
import sys
from types import ModuleType
from typing import Any

from .interrupt import Cancelled
from .metrics import Counter, Histogram, metrics
from .own_json import from_json_text
from .running import running

__all__ = ["Cancelled", "Counter", "Histogram", "Request", "counter", "histogram", "request"]


class Request:
    """The request that the code runs for; without one, every text is empty."""

    def __init__(self, context: dict[str, str]) -> None:
        self.id = context.get("request_id", "")
        self.traceparent = context.get("traceparent", "")
        self.tracestate = context.get("tracestate", "")

    @property
    def headers(self) -> dict[str, str]:
        """What to send along with requests to others, so that they are seen as part of this one."""
        named = {"x-request-id": self.id, "traceparent": self.traceparent, "tracestate": self.tracestate}
        return {name: value for name, value in named.items() if value}


def request() -> Request:
    context = running.get()[1]
    return Request(from_json_text(context.decode()) if context else {})


def counter(name: str, help: str = "") -> Counter:
    """A number that only grows: `counter("cache_hits").add(tier="memory")`."""
    return Counter(metrics, name, help)


def histogram(name: str, help: str = "") -> Histogram:
    """A distribution of values: `histogram("tokens").observe(len(tokens))`."""
    return Histogram(metrics, name, help)


class _LastResort:
    """Asked when nothing else that could be imported is called `model_api`."""

    def find_spec(self, fullname: str, _path: Any, _target: Any = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == "model_api" else None  # type: ignore[arg-type]

    def create_module(self, _spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = ModuleType("model_api", __doc__)
        vars(module).update({name: globals()[name] for name in __all__})
        return module

    def exec_module(self, module: ModuleType) -> None:
        pass


def offer() -> None:
    sys.meta_path.append(_LastResort())
