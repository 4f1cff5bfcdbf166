// The patterns of tests/runtime under a CPython that runs in Node.js: the npm package `pyodide` is
// 3.14 in its releases 314.x, without threads and event loops.
//
//     npm install --prefix FOLDER pyodide@314 && NODE_PATH=FOLDER/node_modules node bench/wasm.mjs
//
// Printed is what differs from what a pattern wants, and at last how many did not. The exit code is
// 1 where one differs that needs neither a thread nor an event loop.
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const BATCH = 20; // patterns for one interpreter: each takes seconds to start
const root = dirname(dirname(fileURLToPath(import.meta.url)));
// `import` does not look into NODE_PATH.
const found = createRequire(import.meta.url).resolve("pyodide");
const { loadPyodide } = await import(pathToFileURL(resolve(dirname(found), "pyodide.mjs")));

const SETUP = `
import gc, json, logging, os, sys

sys.path.insert(0, "/reloadlint")
sys.dont_write_bytecode = True
logging.disable()

import reloadlint.runtime
from tests.runtime.experiment import OURS, Experiment
from tests.runtime.patterns import PATTERNS

reloadlint.runtime.reload  # begins to remember texts
path, modules = [*sys.path], {*sys.modules}


def observe(number):
    pattern = PATTERNS[number]
    os.makedirs(folder := f"/tmp/{number}")
    os.chdir(folder)
    sys.path[:] = path
    for name in {*sys.modules} - modules:
        del sys.modules[name]
    gc.collect()  # or else classes of the pattern before are alive
    sys.path_importer_cache.clear()
    before, after = pattern.texts()
    job = {"reloader": OURS, "before": before, "after": after, "third": pattern.third}
    try:
        seen = Experiment({**job, "hold": pattern.hold, "probe": pattern.probe}).run()
    except RuntimeError as error:
        seen = {"result": str(error), "said": "", "error": ""}
    result = json.loads(json.dumps(seen["result"], default=repr))
    fits = seen["error"] == pattern.fails and (
        pattern.reported in seen["said"] and pattern.rule in seen["said"]
        if pattern.reported
        else "not updated" not in seen["said"]
    )
    impossible = "start new thread" in str(result) or "stack switching" in str(result)
    good = fits and result == json.loads(json.dumps(pattern.want, default=repr))
    return pattern.name, "good" if good else "impossible" if impossible else "bad", repr(seen)
`;

const counts = { good: 0, impossible: 0, bad: 0 };
let version = "";
for (let start = 0, total = 1; start < total; start += BATCH) {
  const python = await loadPyodide();
  python.mountNodeFS("/reloadlint", root);
  python.runPython(SETUP);
  version = python.runPython("sys.version.split()[0]");
  total = python.runPython("len(PATTERNS)");
  for (let number = start; number < Math.min(start + BATCH, total); number++) {
    const [name, verdict, seen] = python.runPython(`observe(${number})`).toJs();
    counts[verdict] += 1;
    if (verdict !== "good") console.log(`${verdict}: ${name}: ${seen}`);
  }
}
const { good, impossible, bad } = counts;
console.log(`CPython ${version}: ${good} good, ${impossible} not possible here, ${bad} bad`);
process.exit(bad ? 1 : 0);
