"""House rules of a game server, beside those of reloadlint."""
