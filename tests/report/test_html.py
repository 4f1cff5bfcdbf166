"""The page to look at: whole, sound, and readable without a network or a mouse."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reloadlint.report.map import Box, squarified
from tests.command import run, write

VOID = {"meta", "input", "br", "tr", "td", "th", "li"}  # what HTML lets one leave open
BUS = "ALL = []\n\n\ndef give(f):\n    ALL.append(f)\n"
APP = (
    "import threading\n\nfrom pkg.bus import give\n\n\ndef start(x):\n"
    "    give(lambda: x.work('<&>') + 2)\n    threading.Timer(1, lambda: x.work(2) + 3)\n"
)


class Page(HTMLParser):
    """What is open, what is linked, what is shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.labels: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attributes}
        if tag not in VOID:
            self.open.append(tag)
        self.ids |= {values["id"]} if "id" in values else set()
        self.links += [values["href"]] if tag == "a" else []
        self.loads += [values[key] for key in ("src", "href") if key in values and tag != "a"]
        self.labels += [values["aria-label"]] if "aria-label" in values else []

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.chdir(tmp_path)
    write("pkg/__init__.py", "")
    write("pkg/bus.py", BUS)
    write("pkg/app.py", APP)
    write("pkg/broken.py", "x = (\n")
    assert run("check", "--output-format=html", "-o", "page.html").exit_code == 1
    return Page(Path("page.html").read_text(encoding="utf-8"))


def test_it_is_sound_and_loads_nothing(page: Page) -> None:
    assert page.open == []
    assert page.loads == []


def test_each_module_can_be_reached_from_the_keyboard(page: Page) -> None:
    assert {link.removeprefix("#") for link in page.links} <= page.ids
    assert all(link.startswith("#") for link in page.links)
    modules = ["pkg", "pkg.app", "pkg.broken", "pkg.bus"]
    assert sorted(label.split(":")[0] for label in page.labels if "findings" in label) == modules


def test_the_source_is_shown_with_what_is_found_in_it(page: Page) -> None:
    assert "x.work('<&>') + 2" in page.text
    assert re.search(r"RL101 this lambda is .*`.*Timer`.*\(move the body into `", page.text)
    assert "syntax-error" in page.text


def test_imports_that_go_stale_stand_out(page: Page) -> None:
    assert "pkg.app → pkg.bus: give" in page.text
    assert "line 3: give of pkg.bus" in page.text


def test_large_projects_are_drawn_by_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(100):
        write(f"p{number % 3}/m{number}.py", f"import p{(number + 1) % 3}.m{(number + 1) % 100}\n")
    for number in range(3):
        write(f"p{number}/__init__.py", "")
    page = Page(run("check", "--output-format=html").stdout)
    assert "p0 → p1" in page.text
    assert page.text.count("→") <= 9


def test_a_real_browser_shows_it(page: Page, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("needs Chromium")
    command = [
        *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"),
        *("--dump-dom", f"{(tmp_path / 'page.html').as_uri()}#m1"),
    ]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    # The script has run: the file that the address names is open, and no other one.
    assert re.findall(r'<details id="(\w+)" open', shown) == ["m1"]


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_boxes_fill_the_map_by_their_sizes(sizes: list[int]) -> None:
    area = Box(10, 20, 1000, 560)
    boxes = dict(squarified([(str(n), size) for n, size in enumerate(sizes)], area))
    assert len(boxes) == len(sizes)
    for number, size in enumerate(sizes):
        box = boxes[str(number)]
        assert box.width * box.height == pytest.approx(560_000 * size / sum(sizes), rel=1e-6)
        assert box.x >= 10 - 1e-6
        assert box.y >= 20 - 1e-6
        assert box.x + box.width <= 1010 + 1e-6
        assert box.y + box.height <= 580 + 1e-6
