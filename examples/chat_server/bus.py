"""Who wants to hear of what. Handlers are subscribed once, when the server starts."""

from collections.abc import Callable


class Bus:
    def __init__(self) -> None:
        self.handlers: dict[str, list[Callable[..., None]]] = {}

    def subscribe(self, event: str, handler: Callable[..., None]) -> None:
        self.handlers.setdefault(event, []).append(handler)

    def publish(self, event: str, *args: object) -> None:
        for handler in self.handlers.get(event, ()):
            handler(*args)
