"""A chat server that swaps its code while people talk: `/reload` runs the edited lobby.py."""

import argparse
import asyncio
import importlib

import lobby
from bus import Bus


async def session(bus: Bus, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"Your name?\n")
    client = lobby.Client((await reader.readline()).decode().strip(), writer)
    bus.publish("join", client, "lobby")
    try:
        async for line in reader:
            answer(bus, client, line.decode().strip())
    finally:
        bus.publish("leave", client)
        writer.close()


def answer(bus: Bus, client: lobby.Client, text: str) -> None:
    if text == "/reload":
        client.send(reload_lobby())
    elif text.startswith("/join "):
        bus.publish("leave", client)
        bus.publish("join", client, text.removeprefix("/join ").lstrip("#"))
    else:
        bus.publish("say", client, text)


def reload_lobby() -> str:
    try:
        importlib.reload(lobby)
    except Exception as error:
        return f"not reloaded: {error!r}"
    return "reloaded lobby.py"


async def serve(port: int) -> None:
    bus = Bus()
    lobby.Lobby(bus)
    server = await asyncio.start_server(
        lambda reader, writer: session(bus, reader, writer), "127.0.0.1", port
    )
    print("listening on port", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8765, help="0 takes any free one")
    asyncio.run(serve(parser.parse_args().port))
