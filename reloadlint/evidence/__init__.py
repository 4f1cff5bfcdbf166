"""The experiments behind the rules, run under every reloader that is installed.

`python -m reloadlint.evidence` runs them and writes what came out, `evidence.json`, next to the
rules. The parts: `reloaders` knows how each reloader is driven; `experiment` is the process that an
experiment runs in, `server` what starts it; `trial` makes jobs out of examples and gives outcomes
their words; `measure` runs them all. What was measured is read by `reloadlint.verdicts`.
"""
