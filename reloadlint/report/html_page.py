"""How the page of the format `html` looks, and the little that moves on it."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --bg: #fff; --fg: #1b1f24; --soft: #eef1f4; --line: #b6bec8;
  --link: #0550ae; --stale: #c2261d;
  --h0: #9bd5a5; --h1: #f3e08a; --h2: #f5b95c; --h3: #ee8a54; --h4: #dc5a4e; }
@media (prefers-color-scheme: dark) { :root { --bg: #14171b; --fg: #dfe4ea; --soft: #21262d;
  --line: #4b5563; --link: #79b8ff; --stale: #ff7b72;
  --h0: #2f6b3c; --h1: #7a6a1c; --h2: #8a5a16; --h3: #8f4520; --h4: #8e2b25; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--bg); color: var(--fg);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; z-index: 3; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; }
td, th { padding: .1rem .8rem .1rem 0; text-align: left; border-bottom: 1px solid var(--line); }
.error { color: var(--stale); }
.map { position: relative; width: 100%; }
.package { position: absolute; border: 1px solid var(--line); background: var(--soft);
  font-size: .65rem; line-height: 1rem; overflow: hidden; white-space: nowrap; padding-left: 3px; }
.module { position: absolute; overflow: hidden; border: 1px solid var(--bg); color: var(--fg);
  font-size: .7rem; line-height: 1rem; text-decoration: none; padding: 0 3px; }
.h0 { background: var(--h0); } .h1 { background: var(--h1); } .h2 { background: var(--h2); }
.h3 { background: var(--h3); } .h4 { background: var(--h4); }
svg { width: 100%; max-height: 90vh; }
svg text { font-size: 11px; fill: var(--fg); dominant-baseline: middle; }
path { fill: none; stroke: var(--line); stroke-opacity: .5; }
path.stale { stroke: var(--stale); }
svg.chosen path { stroke-opacity: .05; }
svg.chosen path.chosen { stroke-opacity: 1; stroke-width: 2; }
details { border: 1px solid var(--line); margin: .3rem 0; padding: .3rem .6rem; }
summary span { padding: 0 .4rem; border-radius: .4rem; }
pre { overflow-x: auto; font: .8rem/1.4 ui-monospace, monospace; }
pre span { display: block; white-space: pre; }
pre i { opacity: .5; font-style: normal; user-select: none; }
.found { background: var(--h1); }
.note { color: var(--stale); font-weight: bold; }
""".strip()

# A link to a file opens it; a name in the graph shows its own lines; the filter hides files.
SCRIPT = """
function open() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
}
addEventListener("hashchange", open);
open();
const svg = document.querySelector("svg");
function choose(key) {
  svg.classList.toggle("chosen", key !== null);
  for (const path of svg.querySelectorAll("path"))
    path.classList.toggle("chosen", path.dataset.from === key || path.dataset.to === key);
}
for (const node of svg.querySelectorAll("[data-node]")) {
  for (const name of ["focus", "mouseenter"])
    node.addEventListener(name, () => choose(node.dataset.node));
  for (const name of ["blur", "mouseleave"]) node.addEventListener(name, () => choose(null));
}
document.getElementById("filter").addEventListener("input", event => {
  for (const file of document.querySelectorAll("details"))
    file.hidden = !file.querySelector("b").textContent.includes(event.target.value);
});
""".strip()
