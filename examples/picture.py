"""Draw what `reloadlint check` prints: a real run → check.svg, for the README.

python -m pip install rich && python examples/picture.py
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
PICTURE = Path(__file__).parent / "check.svg"
COMMAND = ["check", "--select", "RL1", "examples/chat_server"]
WIDTH = 118


def main() -> None:
    environment = {**os.environ, "FORCE_COLOR": "1"}
    command = [sys.executable, "-m", "reloadlint", *COMMAND]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ reloadlint {' '.join(COMMAND)}", style="bold"))
    console.print(Text.from_ansi(done.stdout.decode()))
    drawn = console.export_svg(title="reloadlint", unique_id="check")
    # The picture is to load nothing, fonts included.
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
    PICTURE.write_text(drawn.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
