"""What must hold of whatever is linted and fixed: `examine` raises Broken where it does not.

One input is decoded, checked by all rules and fixed with all fixes. Then:
- nothing crashes, and what cannot be checked is said in one line;
- it takes no more than LIMIT seconds of CPU;
- the fixes come to an end, the result compiles, a second run changes nothing;
- comments are conserved, and those that silence findings silence the same ones;
- a single fix leaves each byte outside its edits, and the findings of the other statements;
- encoding, byte-order mark and newline style stay.
"""

from __future__ import annotations

import io
import re
import signal
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import libcst as cst

from reloadlint import files
from reloadlint.config import Config
from reloadlint.errors import ReloadlintError, SyntaxFailure, WalkError
from reloadlint.facts import collect
from reloadlint.facts.chunks import Chunk
from reloadlint.facts.project import Project
from reloadlint.finding import Confidence, Finding
from reloadlint.fix import Answer, fix, moved_offsets
from reloadlint.lint import LintResult, lint
from reloadlint.registry import load
from reloadlint.rule import Rule
from reloadlint.source import SourceFile
from reloadlint.suppression import Suppressions, without_directives

EVERYTHING: Final = Config(min_body=0, min_confidence=Confidence.POSSIBLE)
LIMIT: Final = 10.0  # CPU seconds for one input
_LINE_END = re.compile(r"\r\n|\r|\n")
_DIRECTIVE = re.compile(r"reloadlint:|noqa", re.IGNORECASE)


def parse_once() -> None:
    """Remember the trees that libcst makes of texts, which are checked again and again.

    They are of frozen nodes. A third of the time goes into them otherwise.
    """
    cst.parse_module = lru_cache(maxsize=256)(cst.parse_module)


class Broken(Exception):
    """A promise that was not kept: its kind, and the details."""

    def __init__(self, kind: str, details: str) -> None:
        super().__init__(f"{kind}: {details}")
        self.kind = kind


@dataclass(frozen=True)
class Settings:
    """How an input is examined.

    `screen_too` compares with what is found without the screen, `one_by_one` tries fixes alone.
    """

    rules: Sequence[type[Rule]] = ()
    config: Config = EVERYTHING
    unsafe: bool = True
    screen_too: bool = True
    one_by_one: bool = True
    project: Project | None = None


def examine(path: str, raw: bytes, settings: Settings = Settings()) -> Counter[str]:
    """Decode, check and fix `raw` as the file `path`; how often a fix of each rule was applied."""
    try:
        with _alarm():
            return _Examination(path, settings).of(raw)
    except Broken:
        raise
    except TimeoutError:
        raise Broken("hang", f"more than {LIMIT:.0f} CPU seconds") from None
    except Exception as error:
        raise Broken(f"{type(error).__name__} in {_origin(error)}", str(error)) from error


class _Examination:
    def __init__(self, path: str, settings: Settings) -> None:
        self.path = path
        self.settings = settings
        self.config = settings.config
        self.rules = settings.rules or load()

    def of(self, raw: bytes) -> Counter[str]:
        try:
            source = files.decode(self.path, raw)
        except ReloadlintError as error:
            _one_line(error)
            return Counter()
        project = self._project()
        with project.looked_up(source):
            found = sound(lint(source, self.rules, self.config, project=project))
            if self.settings.screen_too:
                self._screen(source, found, project)
            has_fix = any(finding.fix is not None for finding in found.findings)
            if found.failures or not has_fix or not _compiles(source.text):
                return Counter()
            result = fix(
                source, self.rules, self.config, unsafe=self.settings.unsafe, project=project
            )
            sound(result.result)
        if not result.converged:
            raise Broken("endless", "the fixes do not come to an end")
        if result.text == source.text:
            return Counter()
        self._fixed(source, result.text)
        if self.settings.one_by_one:
            self._one_by_one(source, found)
        return Counter(finding.code for finding in result.applied)

    def _project(self) -> Project:
        return self.settings.project or Project(self.config)

    def _screen(self, source: SourceFile, found: LintResult, project: Project) -> None:
        plain = lint(source, self.rules, self.config, project=project, screen=False)
        # Without the screen libcst sees more, and may refuse what CPython takes.
        if plain.findings != found.findings and not plain.failures:
            raise Broken("screen", f"{len(found.findings)} of {len(plain.findings)} findings")

    def _fixed(self, source: SourceFile, text: str) -> None:
        if not _compiles(text):
            raise Broken("compile", "the fixed text does not compile")
        if _comments(source.text) != _comments(text):
            raise Broken("comments", "a comment was lost or doubled")
        _same_file(source, text)
        fixed, project = replace(source, text=text, raw=None), self._project()
        with project.looked_up(fixed):
            again = fix(
                fixed, self.rules, self.config, unsafe=self.settings.unsafe, project=project
            )
        if again.text != text:
            raise Broken("twice", "a second fix changes more")
        if _DIRECTIVE.search(source.text):
            lost = self._silenced(source) - self._silenced(fixed)
            if lost:
                raise Broken("suppressions", f"no longer silenced: {lost}")

    def _silenced(self, source: SourceFile) -> Counter[str]:
        """What the comments of the text silence, by code: seen with other words in them.

        Under a comment that names no rules, one hazard may become another.
        """
        text = _DIRECTIVE.sub(lambda match: "x" * len(match.group()), source.text)
        project, comments = self._project(), Suppressions.of(source)
        blind = replace(source, text=text, raw=None)
        with project.looked_up(blind):
            found = lint(blind, self.rules, self.config, project=project)
        return Counter(
            f.code if comments.covers_by_name(f) else "any rule"
            for f in found.findings
            if comments.covers(f)
        )

    def _one_by_one(self, source: SourceFile, found: LintResult) -> None:
        project, chunks = self._project(), collect(source, self.config).chunks

        def ask(finding: Finding, old: SourceFile, new: SourceFile) -> Answer:
            _only_edits(finding, old, new)
            self._elsewhere(finding, _places(old, found), new, chunks)
            return Answer.NO

        with project.looked_up(source):
            fix(
                source, self.rules, self.config, unsafe=self.settings.unsafe, project=project,
                ask=ask, admit=lambda _, findings: list(findings)[:8],
            )  # fmt: skip

    def _elsewhere(
        self,
        finding: Finding,
        places: Sequence[tuple[Finding, int]],
        new: SourceFile,
        chunks: Sequence[Chunk],
    ) -> None:
        """Statements that a fix leaves alone keep their findings."""
        assert finding.fix is not None
        edits = sorted(set(finding.fix.edits))

        def is_told(other: Finding) -> bool:
            # State that is kept is no hazard any more to whoever uses it.
            return not (finding.code.startswith("RL2") and other.code.startswith("RL2"))

        alone = [
            chunk
            for chunk in chunks
            if not any(edit.start < chunk.end and chunk.start < edit.end for edit in edits)
        ]
        told = [
            (f.code, offset)
            for f, offset in places
            if any(chunk.start <= offset < chunk.end for chunk in alone) and is_told(f)
        ]
        moved = moved_offsets([offset for _, offset in told], edits)
        before = Counter(zip([code for code, _ in told], moved, strict=True))
        starts = moved_offsets([chunk.start for chunk in alone], edits)
        lengths = [chunk.end - chunk.start for chunk in alone]
        kept = [*zip(starts, lengths, strict=True)]
        project = self._project()
        with project.looked_up(new):
            found = lint(new, self.rules, self.config, project=project)
        after = Counter(
            (f.code, offset)
            for f, offset in _places(new, found)
            if any(start <= offset < start + length for start, length in kept) and is_told(f)
        )
        if before != after:
            raise Broken(f"elsewhere, by {finding.code}", f"-{before - after} +{after - before}")


def _places(source: SourceFile, result: LintResult) -> list[tuple[Finding, int]]:
    return [(finding, source.offset_of(finding.start)) for finding in result.findings]


def _only_edits(finding: Finding, old: SourceFile, new: SourceFile) -> None:
    """Without the edits' new text, and the old text that they replace, both files are the same."""
    assert finding.fix is not None
    place = 0
    parts: list[str] = []
    for edit in sorted(finding.fix.edits, key=lambda edit: (edit.start, edit.end)):
        parts += [old.text[place : edit.start], edit.text]
        place = edit.end
    expected = "".join([*parts, old.text[place:]])
    try:
        same = new.encode(new.text) == old.encode(expected)
    except UnicodeError:
        same = new.text == expected
    if not same:
        raise Broken("outside", f"{finding.code} changed what its edits do not name")


def _same_file(source: SourceFile, text: str) -> None:
    """The fixed text keeps the file's style of line ends, and its encoding reads it back."""
    before, after = (Counter(_LINE_END.findall(part)) for part in (source.text, text))
    if len(before) == 1 and after.keys() - before.keys():
        raise Broken("newlines", f"{dict(before)} became {dict(after)}")
    try:
        if source.encode(source.text) != source.raw:
            return  # such a file is not written
        raw = source.encode(text)
    except UnicodeError:
        return
    again = files.decode(source.path, raw)
    if (again.text, again.encoding, again.bom) != (text, source.encoding, source.bom):
        raise Broken("encoding", f"{source.encoding} became {again.encoding}")


def sound(result: LintResult) -> LintResult:
    """The same result; Broken where a rule crashed, or a failure has more than one line."""
    for failure in result.failures:
        _one_line(failure)
        if isinstance(failure, WalkError) and failure.who == "libcst":
            continue  # it takes less than CPython does, such as a line that starts with a backslash
        if not isinstance(failure, SyntaxFailure):
            *_, who, reason = str(failure).split(": ", 2)
            raise Broken(f"failure of {who}", f"{reason}\n{failure.details}".rstrip())
    return result


def _one_line(error: ReloadlintError) -> None:
    if len(str(error).split("\n")) != 1:
        raise Broken("error of several lines", repr(str(error)))


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "input.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text, newline=None).readline)
    found: Counter[str] = Counter()
    try:
        for token in tokens:
            if token.type == tokenize.COMMENT:
                found[without_directives(token.string.rstrip())] += 1
    except (tokenize.TokenError, SyntaxError):
        return Counter()  # tokenize.py takes less than CPython does
    del found[""]
    return found


def _origin(error: BaseException) -> str:
    """Where in reloadlint an exception comes from."""
    place, trace = "?", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "reloadlint" in code.co_filename or "rules" in code.co_filename:
            place = f"{Path(code.co_filename).name}, {code.co_name}"
        trace = trace.tb_next
    return place


@contextmanager
def _alarm() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
