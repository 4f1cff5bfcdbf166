"""What one file, and what a whole run gave. Holds no text of a file that is as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from reloadlint import files, notebook
from reloadlint.errors import ReloadlintError
from reloadlint.finding import Finding
from reloadlint.fingerprint import Key
from reloadlint.known import Use
from reloadlint.report.model import SYNTAX_ERROR, Report
from reloadlint.source import SourceFile

if TYPE_CHECKING:
    from reloadlint.fix import Ask
    from reloadlint.revision import Revision
    from reloadlint.rule import Rule
    from reloadlint.survey import Module

DROPPED: Final = "verification failed: "


@dataclass(frozen=True)
class Options:
    """What a run does besides looking.

    `fix` computes the fixed text; `write` puts it into the files; `ask` is asked before each fix.
    `add_ignore` gives each finding a comment instead of a fix, with that reason. `baseline` is what
    is done with files of known findings; only what is new since `diff_base` is looked at.
    `remember` is unset where no later run will look up files by the words in this one's.
    """

    fix: bool = False
    write: bool = False
    unsafe_fixes: bool = False
    screen: bool = True
    force_exclude: bool = False
    ask: Ask | None = None
    add_ignore: str | None = None
    baseline: Use = Use.READ
    diff_base: Revision | None = None
    remember: bool = True


@dataclass(frozen=True)
class Checked:
    """What one file gave.

    `found` is all that is found in the text `after`, which is `before` unless something was fixed;
    `findings` leaves out what is known. `texts` are the two, unless they are what the file holds;
    `digest` is that of its content. `note` is what the user should know of a success.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    found: tuple[Finding, ...] = ()
    errors: tuple[ReloadlintError, ...] = ()
    fixed: tuple[Finding, ...] = ()
    note: str | None = None
    digest: str = ""
    texts: tuple[SourceFile, SourceFile] | None = None

    @property
    def before(self) -> SourceFile:
        """What was checked; SourceError where it has to be read, and cannot be any more."""
        return self.texts[0] if self.texts else files.read(self.path)

    @property
    def after(self) -> SourceFile:
        """What fixes made of it; errors as of `before`."""
        return self.texts[1] if self.texts else files.read(self.path)

    @property
    def is_changed(self) -> bool:
        """True where fixes made another text."""
        return self.texts is not None and self.texts[0].text != self.texts[1].text


@dataclass
class Outcome:
    """What a run gave: the files of which there is something to tell, and each error once.

    `files` counts all files that could be checked. `stale` are the entries of baselines that are
    not found any more, and `known` the findings that baselines were given, by the baseline's path.
    `survey` gives all modules of the run, if a report asks for them.
    """

    files: int = 0
    survey: Callable[[], Sequence[Module]] = tuple
    checked: list[Checked] = field(default_factory=list)
    stale: dict[str, Counter[Key]] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    errors: list[ReloadlintError] = field(default_factory=list)
    _told: set[str] = field(default_factory=set, repr=False)

    def add(self, checked: Checked) -> None:
        """Take note of what one file gave."""
        self.files += 1
        self.fail(*checked.errors)
        if checked.findings or checked.is_changed:
            self.checked.append(checked)

    def fail(self, *errors: ReloadlintError) -> None:
        """Take note of errors."""
        for error in errors:
            if str(error) not in self._told:
                self._told.add(str(error))
                self.errors.append(error)

    def report(self, options: Options) -> Report:
        """What there is to show."""
        placed = [pair for file in self.checked for pair in _placed(file)]
        return Report(
            findings=tuple(finding for finding, _ in placed),
            sources=_Sources(self.checked, {f.shown_path: cell for f, cell in placed if cell}),
            files=self.files,
            fixed=sum(len(file.fixed) for file in self.checked),
            deed="fixed" if options.add_ignore is None else "silenced",
            unsafe_fixes=options.unsafe_fixes,
            rules=_known_rules,
            errors=tuple(map(str, self.errors)),
            survey=self.survey,
        )

    def fixes(self) -> Iterator[str]:
        """What was fixed in which file, in lines."""
        for file in self.checked:
            counts = Counter((finding.code, finding.name) for finding in file.fixed)
            if counts:
                yield f"{file.path}:"
            for (code, name), count in sorted(counts.items()):
                yield f"  {count} × {code} ({name})"
            for finding in file.findings:
                if (finding.refusal or "").startswith(DROPPED):
                    place = f"{finding.start.line}:{finding.start.column}"
                    yield f"  not {finding.code} at {place}: {finding.refusal}"

    def exit_code(self, *, of_patch: bool = False) -> int:
        """0: clean, 1: findings, or something in the patch, 2: could not do the job."""
        if self.errors:
            return 2
        return int(bool(self.stale) or any(_counts(file, of_patch) for file in self.checked))


def _placed(checked: Checked) -> Iterator[tuple[Finding, SourceFile | None]]:
    """The findings; of a notebook, with places in cells, and the texts of those."""
    source = None
    if checked.path.endswith(notebook.SUFFIX):
        with suppress(ReloadlintError):
            source = checked.after
    for finding in checked.findings:
        if isinstance(source, notebook.NotebookSource):
            yield source.in_cell(finding)
        else:
            yield finding, None


def _known_rules() -> Sequence[type[Rule]]:
    from reloadlint.registry import load

    return load()


def _counts(checked: Checked, of_patch: bool) -> bool:
    if not of_patch:
        return bool(checked.findings)
    # What is no Python could not be fixed, so there is no telling that nothing would change.
    return checked.is_changed or any(found.code == SYNTAX_ERROR for found in checked.findings)


class _Sources(Mapping[str, SourceFile]):
    """Reads texts when they are shown, and keeps the last one; none that has changed meanwhile."""

    def __init__(self, checked: Iterable[Checked], cells: Mapping[str, SourceFile]) -> None:
        self._checked = {file.path: file for file in checked}
        self._cells = cells
        self._last: SourceFile | None = None

    def __getitem__(self, path: str) -> SourceFile:
        if path in self._cells:
            return self._cells[path]
        file = self._checked[path]
        if self._last is None or self._last.path != path:
            try:
                source = file.after
            except ReloadlintError:
                raise KeyError(path) from None
            if file.texts is None and file.digest and file.digest != source.digest:
                raise KeyError(path)
            self._last = source
        return self._last

    def __iter__(self) -> Iterator[str]:
        return iter((*self._checked, *self._cells))

    def __len__(self) -> int:
        return len(self._checked) + len(self._cells)
