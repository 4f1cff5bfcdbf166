"""A line-by-line client for those who have no netcat: `python client.py [PORT]`."""

import socket
import sys
import threading


def show(connection: socket.socket) -> None:
    for line in connection.makefile(encoding="utf-8"):
        print(line, end="", flush=True)


def main(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        threading.Thread(target=show, args=(connection,), daemon=True).start()
        for line in sys.stdin:
            connection.sendall(line.encode())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8765)
