"""Which request the code that runs now belongs to: for lines it prints and for what it asks about its caller."""

import contextvars

NO_REQUEST = 0

# The request's id and its context as the gateway sent it, which is read only when somebody asks.
running: contextvars.ContextVar[tuple[int, bytes]] = contextvars.ContextVar("running", default=(NO_REQUEST, b""))
