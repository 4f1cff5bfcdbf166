"""The reloaders that are measured: each is started in the process of an experiment.

They are imported when they are started, so that this module can be imported where none is
installed.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import reloadlint


class Reloader:
    """What swaps the code of a running program.

    `name` is what `--reloader` takes, `label` what people call it. `distribution` is where it comes
    from, empty for the standard library and for reloadlint; `module` is what takes time to import.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    distribution: ClassVar[str] = ""
    module: ClassVar[str] = ""

    @classmethod
    def version(cls) -> str:
        """What people call it, with the version of what it is part of."""
        if cls.distribution:
            return f"{cls.label} {metadata.version(cls.distribution)}"
        if cls.module:
            return f"{cls.label} {reloadlint.__version__}"
        return f"{cls.label} of Python {platform.python_version()}"

    def remember(self, name: str) -> None:
        """Take note of a module, before it is edited."""

    def __call__(self, names: list[str]) -> str:
        """Reload the modules; return what there is to say."""
        for name in names:
            self.reload(name)
        return ""

    def reload(self, name: str) -> None:
        """Reload one module."""
        raise NotImplementedError


class _Importlib(Reloader):
    name, label = "importlib", "importlib.reload"

    def reload(self, name: str) -> None:
        importlib.reload(sys.modules[name])


class _Reimport(Reloader):
    name, label = "reimport", "re-import"

    def __call__(self, names: list[str]) -> str:
        for name in names:
            sys.modules.pop(name)
        for name in names:
            importlib.import_module(name)
        return ""


class _Reloadlint(Reloader):
    name, label, module = "reloadlint", "reloadlint.runtime", "reloadlint.runtime._reload"

    def __init__(self) -> None:
        # From now on it remembers the text of what is imported.
        from reloadlint.runtime import reload

        self.reload_all = reload

    def __call__(self, names: list[str]) -> str:
        return str(self.reload_all(*names))


class _Checking(Reloader):
    """Finds out what has changed by itself, and keeps what failed to itself."""

    reloader: Any
    options: ClassVar[dict[str, bool]] = {}

    def remember(self, name: str) -> None:
        self.reloader.check(**self.options)

    def __call__(self, names: list[str]) -> str:
        self.reloader.check(**self.options)
        lists = (getattr(self.reloader, key, ()) for key in ("failed", "failed_modules"))
        failed = [name for failures in lists for name in names if name in failures]
        if failed:
            raise RuntimeError(f"failed: {failed}")
        return ""


class _IPythonDeduperreload(_Checking):
    name, label, distribution = "ipython", "IPython deduperreload", "ipython"
    module = "IPython.extensions.autoreload"
    options: ClassVar = {"check_all": True}

    def __init__(self) -> None:
        from IPython.core.interactiveshell import InteractiveShell
        from IPython.extensions.autoreload import ModuleReloader

        self.reloader = ModuleReloader(InteractiveShell.instance())


class _IPythonSuperreload(Reloader):
    name, label, distribution = "ipython-superreload", "IPython superreload", "ipython"
    module = "IPython.extensions.autoreload"

    def __init__(self) -> None:
        self.held: dict[Any, Any] = {}

    def remember(self, name: str) -> None:
        from IPython.extensions.autoreload import append_obj

        module = sys.modules[name]
        for key, value in list(vars(module).items()):
            append_obj(module, self.held, key, value)

    def reload(self, name: str) -> None:
        from IPython.extensions.autoreload import superreload

        superreload(sys.modules[name], importlib.reload, self.held)


class _Superduperreload(_Checking):
    name = label = distribution = "superduperreload"
    module = "superduperreload.superduperreload"

    def __init__(self) -> None:
        from superduperreload.superduperreload import ModuleReloader

        self.reloader = ModuleReloader()


class _Jurigged(Reloader):
    name = label = distribution = "jurigged"
    module = "jurigged.register"

    def __init__(self) -> None:
        from jurigged.register import registry

        self.registry: Any = registry

    def remember(self, name: str) -> None:
        self.registry.prepare(name, sys.modules[name].__file__)

    def reload(self, name: str) -> None:
        self.registry.get(sys.modules[name].__file__).refresh()


class _Hmr(Reloader):
    name = label = distribution = "hmr"
    module = "reactivity.hmr.core"

    def __init__(self) -> None:
        from reactivity.hmr.core import BaseReloader

        self.reloader = BaseReloader(os.path.join(os.getcwd(), "entry.py"))
        self.used: list[str] = []

    def remember(self, name: str) -> None:
        from reactivity.hmr.core import HMR_CONTEXT

        self.used.append(name)
        HMR_CONTEXT.effect(self.use_all)

    def use_all(self) -> None:
        """As the entry file of a program: what it uses is run again as soon as it changes."""
        for name in self.used:
            for key in dir(sys.modules[name]):
                getattr(sys.modules[name], key)

    def __call__(self, names: list[str]) -> str:
        files = {Path(sys.modules[name].__file__ or "").resolve() for name in names}
        self.reloader.on_changes(files)
        return ""


class _Pyflyby(Reloader):
    name, label, distribution = "pyflyby", "pyflyby xreload", "pyflyby"
    module = "pyflyby._livepatch"

    def reload(self, name: str) -> None:
        from pyflyby._livepatch import xreload

        xreload(sys.modules[name])


class _Xreload(Reloader):
    name = label = distribution = module = "xreload"

    def reload(self, name: str) -> None:
        from xreload import xreload

        xreload(sys.modules[name])


class _PloneReload(Reloader):
    name, label, distribution = "plone", "plone.reload", "plone.reload"
    module = "plone.reload.xreload"

    def reload(self, name: str) -> None:
        from plone.reload.xreload import Reloader as Xreloader

        Xreloader(sys.modules[name]).reload()


class _Debugpy(Reloader):
    name = label = distribution = "debugpy"
    module = "debugpy._vendored.force_pydevd"

    def reload(self, name: str) -> None:
        import debugpy._vendored.force_pydevd  # noqa: F401
        from _pydevd_bundle.pydevd_reload import xreload

        xreload(sys.modules[name])


class _Limeade(Reloader):
    name = label = distribution = module = "limeade"

    def __call__(self, names: list[str]) -> str:
        import limeade

        limeade.refresh()
        return ""


class _Marimo(Reloader):
    name = label = distribution = "marimo"
    module = "marimo._runtime.reload.autoreload"

    def __init__(self) -> None:
        from marimo._runtime.reload.autoreload import ModuleReloader

        self.reloader: Any = ModuleReloader()

    def remember(self, name: str) -> None:
        self.reloader.check(sys.modules, reload=False)

    def __call__(self, names: list[str]) -> str:
        self.reloader.check(sys.modules, reload=True)
        if any(name in self.reloader.failed for name in names):
            raise RuntimeError("failed")
        return ""


class _Liveimport(Reloader):
    name = label = distribution = module = "liveimport"

    def remember(self, name: str) -> None:
        import liveimport

        top = name.partition(".")[0]  # what the statement binds
        liveimport.register({top: sys.modules[top]}, f"import {name}")

    def __call__(self, names: list[str]) -> str:
        import liveimport

        liveimport.sync()
        return ""


RELOADERS: tuple[type[Reloader], ...] = (
    _Importlib,
    _Reimport,
    _IPythonDeduperreload,
    _IPythonSuperreload,
    _Jurigged,
    _Hmr,
    _Reloadlint,
    _Superduperreload,
    _Pyflyby,
    _PloneReload,
    _Debugpy,
    _Limeade,
    _Marimo,
    _Liveimport,
    _Xreload,
)
BY_NAME = {reloader.name: reloader for reloader in RELOADERS}
