"""`reloadlint server`: a language server on standard input and output, for editors.

features.py answers the messages, documents.py checks the texts, convert.py speaks the protocol.
"""

from __future__ import annotations

from reloadlint.errors import ConfigError


def serve() -> None:
    """Serve one editor until it says goodbye; ConfigError where pygls is not installed."""
    try:
        import pygls.lsp.server  # noqa: F401 -- only whether it is there
    except ImportError:
        raise ConfigError("the server needs pygls: pip install 'reloadlint[lsp]'") from None
    from reloadlint.server.features import create

    create().start_io()
