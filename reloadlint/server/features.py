"""What the server answers: one function a message of the protocol, and the table of them.

Everything that takes time runs on one thread beside the loop, so that the editor is answered while
a text is checked, and texts are checked one after the other.
"""

from __future__ import annotations

import asyncio
import difflib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from reloadlint import __version__
from reloadlint.add_ignore import add_ignores
from reloadlint.errors import ReloadlintError
from reloadlint.finding import Applicability, Edit, Finding
from reloadlint.registry import load
from reloadlint.report.model import SYNTAX_ERROR
from reloadlint.report.page import page
from reloadlint.server.convert import Converter
from reloadlint.server.documents import Documents, Looked
from reloadlint.source import SourceFile

DEBOUNCE: Final = 0.2  # seconds without a keystroke before a text is checked
FIX_ALL: Final = "reloadlint.fixAll"
_FIX_ALL_KIND: Final = f"{types.CodeActionKind.SourceFixAll.value}.reloadlint"
_CONFIGURATION: Final = ("**/pyproject.toml", "**/reloadlint.toml", "**/*baseline*.json")
_CODE: Final = re.compile(r"\b[A-Z]+[0-9]{3}\b|\b[a-z]+(?:-[a-z]+)+\b")

T = TypeVar("T")


class Server(LanguageServer):
    """The server, its open texts, and what was found in them last."""

    def __init__(self) -> None:
        super().__init__(
            "reloadlint",
            __version__,
            # The whole text each time: pygls cuts lines where the protocol knows none.
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
        )
        self.documents = Documents(os.getcwd())
        self.looked: dict[str, Looked] = {}
        self.pending: dict[str, asyncio.Task[None]] = {}
        self.worker = ThreadPoolExecutor(max_workers=1)

    async def beside(self, work: Callable[..., T], *args: Any) -> T:
        """Run `work` on the thread beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.worker, work, *args)

    def converter(self, source: SourceFile) -> Converter:
        """For one text, in the units that the editor wants."""
        return Converter(source, self.workspace.position_codec)


def create() -> Server:
    """A server with all features."""
    server = Server()
    for name, (answer, options) in FEATURES.items():
        server.feature(name, options)(answer)
    server.command(FIX_ALL)(fix_all)
    return server


# ------------------------------------------------------------------------------------ texts


async def initialized(ls: Server, _params: types.InitializedParams) -> None:
    """Take the editor's folder, and ask to be told of changed configuration files."""
    ls.documents.root = ls.workspace.root_path or os.getcwd()
    workspace = ls.client_capabilities.workspace
    watched = workspace and workspace.did_change_watched_files
    if watched and watched.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _CONFIGURATION]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = types.Registration(
            "configuration", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options
        )
        await ls.client_register_capability_async(types.RegistrationParams([registration]))


async def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Check the text at once."""
    await _take(ls, params.text_document.uri, params.text_document.text, delay=0)


async def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Check the text once nobody types any more."""
    await _take(ls, params.text_document.uri, params.content_changes[-1].text, delay=DEBOUNCE)


async def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """A saved configuration file holds from now on, even if the editor does not watch files."""
    if os.path.basename(_path(params.text_document.uri)) in {"pyproject.toml", "reloadlint.toml"}:
        await did_change_configuration(ls, params)


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Forget the text, and what was found in it."""
    uri = params.text_document.uri
    task = ls.pending.pop(uri, None)
    if task is not None:
        task.cancel()
    ls.documents.texts.pop(_path(uri), None)
    ls.looked.pop(uri, None)
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


async def did_change_configuration(ls: Server, _params: object) -> None:
    """Check all open texts anew, by the configuration as it is now."""
    await ls.beside(ls.documents.forget)
    for uri in list(ls.looked):
        _schedule(ls, uri, delay=0)


async def _take(ls: Server, uri: str, text: str, delay: float) -> None:
    if _is_python(uri):
        ls.documents.texts[_path(uri)] = text
        _schedule(ls, uri, delay)


def _schedule(ls: Server, uri: str, delay: float) -> None:
    earlier = ls.pending.get(uri)
    if earlier is not None:
        earlier.cancel()
    ls.pending[uri] = asyncio.create_task(_check(ls, uri, delay))


async def _check(ls: Server, uri: str, delay: float) -> None:
    """Wait, check, and show what is found, unless the text has changed meanwhile."""
    await asyncio.sleep(delay)
    path = _path(uri)
    text = ls.documents.texts.get(path)
    try:
        looked = await ls.beside(ls.documents.check, path)
    except (ReloadlintError, KeyError) as error:
        if isinstance(error, ReloadlintError):
            _tell(ls, str(error))
        return
    if ls.documents.texts.get(path) != text:
        return
    for trouble in looked.troubles:
        _tell(ls, trouble)
    ls.looked[uri] = looked
    convert = ls.converter(looked.source)
    diagnostics = [convert.diagnostic(finding) for finding in looked.findings]
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))


def _tell(ls: Server, text: str) -> None:
    ls.window_log_message(types.LogMessageParams(types.MessageType.Error, text))


# ---------------------------------------------------------------------------------- actions


async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Fixes for what is found in the range, comments that silence it, and a fix of all."""
    uri, only = params.text_document.uri, params.context.only
    looked = ls.looked.get(uri)
    if looked is None or looked.source.text != ls.documents.texts.get(_path(uri)):
        return []
    actions: list[types.CodeAction] = []
    if _wants(only, types.CodeActionKind.QuickFix.value):
        first, last = params.range.start.line + 1, params.range.end.line + 1
        for finding in looked.findings:
            if finding.start.line <= last and first <= finding.end.line:
                actions += await _quick_fixes(ls, uri, looked, finding)
    if only and _wants(only, _FIX_ALL_KIND):
        edit = await _edit(ls, uri, looked.source, None)
        if edit is not None:
            title = "Fix all that can be fixed safely"
            actions.append(types.CodeAction(title, kind=_FIX_ALL_KIND, edit=edit))
    return actions


async def _quick_fixes(
    ls: Server, uri: str, looked: Looked, finding: Finding
) -> list[types.CodeAction]:
    if finding.code == SYNTAX_ERROR:
        return []
    diagnostic = ls.converter(looked.source).diagnostic(finding)
    actions = []
    edit = await _edit(ls, uri, looked.source, finding) if finding.fix else None
    if finding.fix and edit is not None:
        is_safe = finding.fix.applicability is Applicability.SAFE
        doubt = "" if is_safe else f" (unsafe{_because(finding.fix.caution)})"
        title = f"{finding.code}: {finding.fix.title}{doubt}"
        actions.append(_quick_fix(title, diagnostic, edit, is_preferred=is_safe))
    edits, _ = add_ignores(looked.source, [finding])
    if edits:
        title = f"{finding.code}: ignore it on this line"
        actions.append(
            _quick_fix(title, diagnostic, _workspace_edit(ls, uri, looked.source, edits))
        )
    return actions


def _quick_fix(
    title: str,
    diagnostic: types.Diagnostic,
    edit: types.WorkspaceEdit,
    *,
    is_preferred: bool = False,
) -> types.CodeAction:
    return types.CodeAction(
        title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=edit,
        is_preferred=is_preferred,
    )


def _because(caution: str) -> str:
    return f": {caution}" if caution else ""


async def fix_all(ls: Server, uri: str) -> None:
    """The command: fix all of a text that can be fixed safely."""
    source = SourceFile(_path(uri), ls.documents.texts[_path(uri)])
    edit = await _edit(ls, uri, source, None)
    if edit is not None:
        params = types.ApplyWorkspaceEditParams(edit, "reloadlint: fix all")
        await ls.workspace_apply_edit_async(params)


async def _edit(
    ls: Server, uri: str, source: SourceFile, finding: Finding | None
) -> types.WorkspaceEdit | None:
    """What fixes the finding, or all; None where nothing can be changed."""
    try:
        result = await ls.beside(ls.documents.fix, _path(uri), finding)
    except (ReloadlintError, KeyError):
        return None  # the check of the same text tells what is wrong
    if result.text == source.text:
        return None
    return _workspace_edit(ls, uri, source, list(_difference(source, result.text)))


def _workspace_edit(
    ls: Server, uri: str, source: SourceFile, edits: list[Edit]
) -> types.WorkspaceEdit:
    convert = ls.converter(source)
    return types.WorkspaceEdit(changes={uri: [convert.edit(edit) for edit in edits]})


def _difference(source: SourceFile, text: str) -> Iterator[Edit]:
    """The edits, of whole lines, that lead to another text: cursors elsewhere stay in place."""
    lines = _lines(SourceFile(source.path, text))
    starts = [*source.line_starts, len(source.text)]
    matcher = difflib.SequenceMatcher(None, _lines(source), lines, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield Edit(starts[a], starts[b], "".join(lines[c:d]))


def _lines(source: SourceFile) -> list[str]:
    ends = [source.line_end(number) for number in range(1, len(source.line_starts) + 1)]
    return [source.text[a:b] for a, b in zip(source.line_starts, ends, strict=True)]


def _wants(only: Sequence[Any] | None, kind: str) -> bool:
    """True where the editor asks for that kind of action, or for one that it is a part of."""
    return not only or any(f"{kind}.".startswith(f"{_value(wanted)}.") for wanted in only)


def _value(kind: Any) -> str:
    return str(getattr(kind, "value", kind))


# ---------------------------------------------------------------------------- what to read


def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """The page of the rule whose code or name is under the cursor."""
    document = ls.workspace.get_text_document(params.text_document.uri)
    lines = SourceFile("", document.source)
    number = params.position.line + 1
    if number > len(lines.line_starts):
        return None
    line = lines.line(number)
    place = document.position_codec.position_from_client_units(
        [line], types.Position(0, params.position.character)
    )
    rules = {word: rule for rule in load() for word in (rule.code, rule.name)}
    for match in _CODE.finditer(line):
        if match.start() <= place.character <= match.end() and match[0] in rules:
            text = types.MarkupContent(types.MarkupKind.Markdown, page(rules[match[0]]))
            return types.Hover(text)
    return None


async def code_lens(ls: Server, params: types.CodeLensParams) -> list[types.CodeLens]:
    """Over each closure, what a reload makes of it."""
    path = _path(params.text_document.uri)
    if path not in ls.documents.texts:
        return []
    source = SourceFile(path, ls.documents.texts[path])
    try:
        found = await ls.beside(ls.documents.verdicts, path)
    except ReloadlintError:
        return []
    convert = ls.converter(source)
    lenses = []
    for offset, verdict in found:
        place = source.position(offset)
        lenses.append(
            types.CodeLens(
                convert.range(place, place),
                command=types.Command(f"{verdict.word}: {verdict.why}", ""),
            )
        )
    return lenses


def _path(uri: str) -> str:
    return os.path.abspath(to_fs_path(uri) or uri)


def _is_python(uri: str) -> bool:
    return _path(uri).endswith((".py", ".pyi")) or uri.startswith("untitled:")


FEATURES: Final[Mapping[str, tuple[Callable[..., Any], Any]]] = {
    types.INITIALIZED: (initialized, None),
    types.TEXT_DOCUMENT_DID_OPEN: (did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (did_change, None),
    types.TEXT_DOCUMENT_DID_SAVE: (did_save, None),
    types.TEXT_DOCUMENT_DID_CLOSE: (did_close, None),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (did_change_configuration, None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (did_change_configuration, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        code_action,
        types.CodeActionOptions([types.CodeActionKind.QuickFix, _FIX_ALL_KIND]),
    ),
    types.TEXT_DOCUMENT_HOVER: (hover, None),
    types.TEXT_DOCUMENT_CODE_LENS: (code_lens, types.CodeLensOptions()),
}
