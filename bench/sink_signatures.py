"""What sinks.toml and inspected.toml say of PyPI × its sources → parameters that do not exist.

    python bench/sink_signatures.py [--missing] SITE_PACKAGES [SITE_PACKAGES ...]

An entry whose parameter is in none of the signatures that were found is printed, and the exit code
is 1. One that cannot be found (compiled, made at run time, not installed) must have its page in
sink_documents.toml, or it is counted as unknown (`--missing` prints it). For `name()`, that is the
signature of what `name` returns.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import reloadlint
from bench.signatures import Signature, Sources
from reloadlint.toml import load_toml

FOLDER = Path(reloadlint.__file__).parent
DATA = load_toml(FOLDER / "sinks.toml")
LOOKS = load_toml(FOLDER / "inspected.toml")
TABLES = [DATA["passes"], DATA["lazy"], DATA["consumed"], *DATA["retained"].values()]
TABLES += LOOKS.values()
INSPECTED = {key for table in LOOKS.values() for key in table}
DOCUMENTED = load_toml(Path(__file__).parent / "sink_documents.toml")["documented"]


def main() -> int:
    """Check every entry that is not of the standard library."""
    folders = [Path(folder) for folder in sys.argv[1:] if folder != "--missing"]
    sources = [Sources(folders), Sources(folders, stubs_first=True)]
    checked, documented, wrong, unknown = 0, 0, list[str](), set[str]()
    for table in TABLES:
        for key, parameters in table.items():
            if key.partition(".")[0] in {*sys.stdlib_module_names, "reloadlint"}:
                continue
            if key.removesuffix("()") in DOCUMENTED:
                documented += 1
            elif signatures := found(sources, key):
                checked += 1
                wrong += [
                    f"{key}: {parameter!r} of {' or '.join(map(str, signatures))}"
                    for parameter in parameters
                    if not any(signature.accepts(parameter) for signature in signatures)
                ]
            else:
                unknown.add(key)
    if "--missing" in sys.argv:
        print(*(f"not found: {key}" for key in sorted(unknown)), sep="\n")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{checked} entries checked, {documented} of documents, {len(unknown)} not found")
    return 1 if wrong else 0


def found(sources: list[Sources], key: str) -> list[Signature]:
    """The signatures of an entry, by that name or by another that leads to the same."""
    names = [key]
    names += [
        alias + key.removeprefix(name)
        for alias, name in DATA["same-as"].items()
        if key.removesuffix("()") == name or key.startswith(f"{name}.")
    ]
    if key in INSPECTED:  # these are about `name`, and about what a call of it returns
        return [s for n in (key, f"{key}()") for source in sources for s in source.signatures(n)]
    everywhere = (source.signatures(name) for name in names for source in sources)
    return next(filter(None, everywhere), [])


if __name__ == "__main__":
    sys.exit(main())
