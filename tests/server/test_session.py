"""A session with a real client: what an editor sends over the pipe, and what it gets."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

import reloadlint
from reloadlint.server.features import FIX_ALL

STALE = "from threading import Timer\n\n\ndef start():\n    Timer(1, lambda: work('😀') + 2)\n"
PATIENCE = 60  # seconds; a busy machine


class Editor(LanguageClient):
    """What an editor does, in a few words."""

    def __init__(self) -> None:
        super().__init__("editor", "1")
        self.shown: dict[str, list[types.Diagnostic]] = {}
        self.texts: dict[str, str] = {}
        self.news = asyncio.Event()
        self.log: list[str] = []
        # A partial, as pygls sets attributes on what it is given.
        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(partial(self.take_diagnostics))
        self.feature(types.WINDOW_LOG_MESSAGE)(partial(self.take_message))
        self.feature(types.WORKSPACE_APPLY_EDIT)(partial(self.take_edit))
        self.feature(types.CLIENT_REGISTER_CAPABILITY)(partial(self.take_registration))
        self.registered: list[str] = []

    def take_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        self.shown[params.uri] = list(params.diagnostics)
        self.news.set()

    def take_message(self, params: types.LogMessageParams) -> None:
        self.log.append(params.message)

    def take_edit(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        self.apply(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    def take_registration(self, params: types.RegistrationParams) -> None:
        self.registered += [registration.method for registration in params.registrations]

    async def begin(self, folder: Path) -> None:
        root = Path(reloadlint.__file__).parent.parent
        os.environ["PYTHONPATH"] = str(root)
        await self.start_io(sys.executable, "-m", "reloadlint", "server")
        watched = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        workspace = types.WorkspaceClientCapabilities(
            apply_edit=True, did_change_watched_files=watched
        )
        capabilities = types.ClientCapabilities(workspace=workspace)
        await self.initialize_async(
            types.InitializeParams(capabilities=capabilities, root_uri=folder.as_uri())
        )
        self.initialized(types.InitializedParams())

    async def end(self) -> None:
        await self.shutdown_async(None)
        self.exit(None)
        await self.stop()

    def open(self, path: Path, text: str) -> str:
        uri = path.as_uri()
        self.texts[uri] = text
        self.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text))
        )
        return uri

    def type(self, uri: str, text: str) -> None:
        self.shown.pop(uri, None)
        self.texts[uri] = text
        self.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(2, uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        async def wait() -> list[types.Diagnostic]:
            while uri not in self.shown:
                self.news.clear()
                await self.news.wait()
            return self.shown[uri]

        return await asyncio.wait_for(wait(), PATIENCE)

    async def actions(
        self, uri: str, diagnostic: types.Diagnostic | None = None, *kinds: str
    ) -> dict[str, types.CodeAction]:
        everywhere = types.Range(types.Position(0, 0), types.Position(999, 0))
        context = types.CodeActionContext(
            [diagnostic] if diagnostic else [], only=list(kinds) or None
        )
        found = await self.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri),
                diagnostic.range if diagnostic else everywhere,
                context,
            )
        )
        return {a.title: a for a in found or [] if isinstance(a, types.CodeAction)}

    def apply(self, edit: types.WorkspaceEdit | None) -> None:
        assert edit is not None
        for uri, edits in (edit.changes or {}).items():
            lines = self.texts[uri].split("\n")

            def offset(place: types.Position, lines: list[str] = lines) -> int:
                before = sum(len(line) + 1 for line in lines[: place.line])
                units = lines[place.line].encode("utf-16-le") if place.character else b""
                return before + len(units[: 2 * place.character].decode("utf-16-le"))

            text = self.texts[uri]
            for part in sorted(edits, key=lambda e: offset(e.range.start), reverse=True):
                assert isinstance(part, types.TextEdit)
                start, end = offset(part.range.start), offset(part.range.end)
                text = text[:start] + part.new_text + text[end:]
            self.texts[uri] = text


Talk = Callable[[Editor, Path], Awaitable[None]]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Talk], None]:
    monkeypatch.chdir(tmp_path)

    async def hold(talk: Talk) -> None:
        editor = Editor()
        await editor.begin(tmp_path)
        try:
            await talk(editor, tmp_path)
        finally:
            await editor.end()

    return lambda talk: asyncio.run(hold(talk))


def words(diagnostics: list[types.Diagnostic]) -> list[Any]:
    return [d.code for d in diagnostics]


def test_findings_come_as_one_types_and_unsaved_text_counts(session: Any) -> None:
    async def talk(editor: Editor, folder: Path) -> None:
        uri = editor.open(folder / "a.py", "x = 1\n")
        assert await editor.diagnostics(uri) == []
        editor.type(uri, STALE)
        (found,) = await editor.diagnostics(uri)
        assert (found.code, found.source) == ("RL101", "reloadlint")
        assert found.severity is types.DiagnosticSeverity.Warning
        start, end = found.range.start, found.range.end
        # The end counts UTF-16 units, of which the emoji has two.
        assert (start.line, start.character, end.line) == (4, 13, 4)
        line = STALE.splitlines()[4]
        assert end.character == len(line[: line.rindex(")")].encode("utf-16-le")) // 2
        editor.type(uri, "x = (\n")
        (broken,) = await editor.diagnostics(uri)
        assert (broken.code, broken.severity) == ("syntax-error", types.DiagnosticSeverity.Error)
        editor.type(uri, "x = 2\n")
        assert await editor.diagnostics(uri) == []

    session(talk)


def test_a_finding_is_fixed_or_silenced(session: Any) -> None:
    async def talk(editor: Editor, folder: Path) -> None:
        uri = editor.open(folder / "a.py", STALE)
        (found,) = await editor.diagnostics(uri)
        actions = await editor.actions(uri, found)
        fixing, ignoring = sorted(actions)
        assert fixing == "RL101: ignore it on this line"
        assert ignoring.startswith("RL101: move the body into `")
        assert actions[ignoring].is_preferred
        editor.apply(actions[fixing].edit)
        assert editor.texts[uri] == STALE[:-1] + "  # reloadlint: ignore[RL101]\n"
        editor.type(uri, STALE)
        await editor.diagnostics(uri)
        editor.apply((await editor.actions(uri, found))[ignoring].edit)
        compile(editor.texts[uri], "a.py", "exec")
        assert "return work('😀') + 2" in editor.texts[uri]
        editor.type(uri, editor.texts[uri])
        assert await editor.diagnostics(uri) == []

    session(talk)


def test_all_is_fixed_by_an_action_and_by_a_command(session: Any) -> None:
    async def talk(editor: Editor, folder: Path) -> None:
        uri = editor.open(folder / "a.py", STALE + "    Timer(2, lambda: work(2) + 3)\n")
        await editor.diagnostics(uri)
        (action,) = (await editor.actions(uri, None, "source.fixAll")).values()
        assert action.kind == "source.fixAll.reloadlint"
        text = editor.texts[uri]
        editor.apply(action.edit)
        fixed, editor.texts[uri] = editor.texts[uri], text
        assert fixed != text
        await editor.workspace_execute_command_async(types.ExecuteCommandParams(FIX_ALL, [uri]))
        assert editor.texts[uri] == fixed

    session(talk)


def test_a_rule_is_explained_where_its_code_stands(session: Any) -> None:
    async def talk(editor: Editor, folder: Path) -> None:
        text = "x = 1  # 😀 reloadlint: ignore[RL101]\n"
        uri = editor.open(folder / "a.py", text)
        await editor.diagnostics(uri)

        async def hover(character: int) -> types.Hover | None:
            document = types.TextDocumentIdentifier(uri)
            position = types.Position(0, character)
            return await editor.text_document_hover_async(types.HoverParams(document, position))

        found = await hover(text.index("RL101") + 3)
        assert found is not None
        assert isinstance(found.contents, types.MarkupContent)
        assert found.contents.value.startswith("inline-callback (RL101)")
        assert await hover(2) is None

    session(talk)


def test_each_closure_has_its_verdict(session: Any) -> None:
    text = (
        "from threading import Timer\n\n\ndef start(rows):\n"
        "    Timer(1, lambda: work(1) + 2)\n"
        "    Timer(1, lambda: work(*()))\n"
        "    return sorted(rows, key=lambda row: row.name + 'x')\n\n\n"
        "def work(*a):\n    return a\n"
    )

    async def talk(editor: Editor, folder: Path) -> None:
        uri = editor.open(folder / "a.py", text)
        lenses = await editor.text_document_code_lens_async(
            types.CodeLensParams(types.TextDocumentIdentifier(uri))
        )
        assert [(x.range.start.line, x.command.title) for x in lenses or [] if x.command] == [
            (4, "stale: scheduled by `Timer`"),
            (5, "fresh: forwards to `work`"),
            (6, "consumed: nothing keeps it"),
        ]

    session(talk)


def test_configuration_is_read_again_when_it_changes(session: Any) -> None:
    async def talk(editor: Editor, folder: Path) -> None:
        uri = editor.open(folder / "a.py", STALE)
        assert words(await editor.diagnostics(uri)) == ["RL101"]
        assert editor.registered == ["workspace/didChangeWatchedFiles"]
        settings = folder / "reloadlint.toml"
        settings.write_text("ignore = ['RL101']\n")
        editor.shown.pop(uri)
        change = types.FileEvent(settings.as_uri(), types.FileChangeType.Changed)
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
        assert await editor.diagnostics(uri) == []
        settings.write_text("ignor = ['RL101']\n")
        editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
        await editor.text_document_code_action_async(  # whose answer comes behind the message
            types.CodeActionParams(
                types.TextDocumentIdentifier(uri),
                types.Range(types.Position(0, 0), types.Position(0, 0)),
                types.CodeActionContext([]),
            )
        )
        for _ in range(100):
            if editor.log:
                break
            await asyncio.sleep(0.1)
        assert editor.log == ["reloadlint.toml: unknown setting `ignor`; did you mean `ignore`?"]

    session(talk)


def test_another_open_text_counts_although_it_is_not_saved(session: Any) -> None:
    async def talk(editor: Editor, folder: Path) -> None:
        (folder / "bus.py").write_text("def give(f):\n    return f()\n")
        text = "import bus\n\n\ndef start(x):\n    bus.give(lambda: x.work(1) + 2)\n"
        uri = editor.open(folder / "a.py", text)
        assert await editor.diagnostics(uri) == []
        kept = "ALL = []\n\n\ndef give(f):\n    ALL.append(f)\n"
        await editor.diagnostics(editor.open(folder / "bus.py", kept))
        editor.type(uri, text + "\n")
        assert words(await editor.diagnostics(uri)) == ["RL101"]

    session(talk)


def test_what_is_closed_is_shown_no_longer(session: Any) -> None:
    async def talk(editor: Editor, folder: Path) -> None:
        uri = editor.open(folder / "a.py", STALE)
        assert await editor.diagnostics(uri)
        editor.shown.clear()
        editor.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )
        assert await editor.diagnostics(uri) == []

    session(talk)
