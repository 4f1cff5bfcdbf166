"""What the chat says and does: the part that one wants to edit while people are in it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bus import Bus

NUDGE_AFTER = 300  # seconds
ROOMS: dict[str, list["Client"]] = {}


@dataclass(eq=False)
class Client:
    name: str
    writer: asyncio.StreamWriter
    room: str = ""
    nudge: asyncio.TimerHandle | None = None

    def send(self, text: str) -> None:
        self.writer.write(f"{text}\n".encode())


class Lobby:
    def __init__(self, bus: Bus) -> None:
        self.visitors = 0
        self.commands: dict[str, Callable[[Client], None]] = {
            "/who": lambda client: client.send("here: " + ", ".join(names(client.room))),
            "/rooms": lambda client: client.send("rooms: " + ", ".join(sorted(ROOMS))),
        }

        def on_join(client: Client, room: str) -> None:
            self.visitors += 1
            client.room = room
            ROOMS.setdefault(room, []).append(client)
            client.send(f"Hello {client.name}, you are visitor {self.visitors} of #{room}")
            tell(room, f"* {client.name} joined")

        def on_say(client: Client, text: str) -> None:
            if text in self.commands:
                self.commands[text](client)
            else:
                tell(client.room, f"<{client.name}> {text}")
            nudge_later(client)

        def on_leave(client: Client) -> None:
            cancel_nudge(client)
            ROOMS[client.room].remove(client)
            tell(client.room, f"* {client.name} left")

        bus.subscribe("join", on_join)
        bus.subscribe("say", on_say)
        bus.subscribe("leave", on_leave)


def names(room: str) -> list[str]:
    return sorted(client.name for client in ROOMS.get(room, ()))


def tell(room: str, text: str) -> None:
    for client in ROOMS.get(room, ()):
        client.send(text)


def cancel_nudge(client: Client) -> None:
    if client.nudge:
        client.nudge.cancel()


def nudge_later(client: Client) -> None:
    cancel_nudge(client)
    loop = asyncio.get_running_loop()
    client.nudge = loop.call_later(
        NUDGE_AFTER, lambda: client.send(f"Still there, {client.name}? Type /who to see who is.")
    )
