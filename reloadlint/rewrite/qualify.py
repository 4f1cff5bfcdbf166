"""Read names from their module instead of copying them: `from m import f` → `import m` and `m.f`.

The parts: `route.py` says by which name a module is reached, `caution_of_copy.py` what stands
against it, `import_statement.py` and `in_strings.py` edit; here copies that share a statement or a
module are put together, as their fixes go together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from reloadlint.facts import FileFacts
from reloadlint.facts.from_imports import FromImport
from reloadlint.finding import Applicability, Edit, Fix, Respelling
from reloadlint.rewrite.copies import caution_about_copy, refusal_of_copy, spans_of
from reloadlint.rewrite.import_statement import why_not_divided, without_names
from reloadlint.rewrite.refusal import Refused
from reloadlint.rewrite.route import Route, Routes


@dataclass(frozen=True, eq=False)
class Plan:
    """What becomes of one copy: it is read by its `route`, unless that was refused."""

    copy: FromImport
    route: Route | Refused
    caution: str = ""

    @property
    def refusal(self) -> Refused | None:
        """Why the copy stays."""
        return self.route if isinstance(self.route, Refused) else None


class Qualifier:
    """The plans for all copies of a file."""

    def __init__(self, facts: FileFacts, copies: Sequence[FromImport]) -> None:
        self._facts = facts
        self._copies = copies
        self._routes = Routes(facts, copies)

    @cached_property
    def plans(self) -> dict[FromImport, Plan]:
        """What becomes of each copy."""
        found = {copy: self._plan(copy) for copy in self._copies}
        for statement in {copy.statement for copy in self._copies if not copy.is_by_star}:
            together = [plan for copy, plan in found.items() if copy.statement is statement]
            gone = {plan.copy.alias for plan in together if plan.refusal is None}
            refusal = why_not_divided(self._facts, statement, gone) if gone else None
            if refusal is not None:
                found.update((plan.copy, Plan(plan.copy, refusal)) for plan in together)
        return found

    def _plan(self, copy: FromImport) -> Plan:
        refusal = refusal_of_copy(self._facts, copy)
        if refusal is not None:
            return Plan(copy, refusal)
        route = self._routes.to(copy)
        head = route.text.partition(".")[0]
        return Plan(copy, route, caution_about_copy(self._facts, copy, head))

    def _plan_of(self, copy: FromImport) -> Plan:
        """The plan for a copy, or for its like: what depends on other files may be found anew."""
        if copy in self.plans:
            return self.plans[copy]
        parts = (copy.alias, copy.references)
        return next(
            plan for like, plan in self.plans.items() if (like.alias, like.references) == parts
        )

    @cached_property
    def clusters(self) -> list[list[Plan]]:
        """Plans of one applicability that share statements or modules, in the order of the text."""
        found: list[list[Plan]] = []
        for plan in self.plans.values():
            if plan.refusal is None and not plan.copy.is_by_star:
                near = [cluster for cluster in found if _belongs(plan, cluster)]
                merged = [*(p for cluster in near for p in cluster), plan]
                found = [cluster for cluster in found if cluster not in near] + [merged]
        return [sorted(cluster, key=_place) for cluster in found]

    def fix(self, copy: FromImport) -> Fix | Refused:
        """The fix for a copy, which is that of its whole cluster."""
        plan = self._plan_of(copy)
        if isinstance(plan.route, Refused):
            return plan.route
        cluster = next(cluster for cluster in self.clusters if plan in cluster)
        return _fix(self._facts, cluster)


def _belongs(plan: Plan, cluster: Iterable[Plan]) -> bool:
    return any(
        bool(plan.caution) == bool(other.caution)
        and (plan.copy.statement is other.copy.statement or _module(plan) == _module(other))
        for other in cluster
    )


def _module(plan: Plan) -> str:
    assert isinstance(plan.route, Route)
    return plan.route.module


def _place(plan: Plan) -> tuple[int, int]:
    return (plan.copy.alias.lineno, plan.copy.alias.col_offset)


def _fix(facts: FileFacts, cluster: Sequence[Plan]) -> Fix:
    edits: list[Edit] = []
    imported: set[str] = set()
    for statement in dict.fromkeys(plan.copy.statement for plan in cluster):
        own = [plan for plan in cluster if plan.copy.statement is statement]
        lines = [line for line in needed_imports(own) if line not in imported]
        imported.update(lines)
        changed = without_names(facts, statement, {plan.copy.alias for plan in own}, lines)
        assert not isinstance(changed, Refused)
        edits += changed
    return fix_of(facts, cluster, edits)


def fix_of(facts: FileFacts, plans: Sequence[Plan], edits: Sequence[Edit]) -> Fix:
    """The fix that follows the plans; `edits` are those of the import statements."""
    respelled = [spelling for plan in plans for spelling in _respelled(facts, plan)]
    reads = [Edit(r.start, r.start + len(r.old), r.new) for r in respelled]
    caution = next((plan.caution for plan in plans if plan.caution), "")
    return Fix(
        title=_title(plans),
        edits=tuple(sorted([*edits, *reads])),
        applicability=Applicability.UNSAFE if caution else Applicability.SAFE,
        respelled=tuple(sorted(respelled)),
        caution=caution,
    )


def needed_imports(plans: Iterable[Plan]) -> list[str]:
    """The import statements that the routes need, each once."""
    routes = [plan.route for plan in plans if isinstance(plan.route, Route)]
    return [*dict.fromkeys(route.statement for route in routes if route.statement)]


def _respelled(facts: FileFacts, plan: Plan) -> Iterator[Respelling]:
    assert isinstance(plan.route, Route)
    new = f"{plan.route.text}.{plan.copy.definition.name}"
    for start, _ in spans_of(facts, plan.copy):
        yield Respelling(start, plan.copy.name, new)


def _title(cluster: Sequence[Plan]) -> str:
    routes = {plan.copy: plan.route for plan in cluster if isinstance(plan.route, Route)}
    written = dict.fromkeys(
        f"`{route.text}.{copy.definition.name}`" for copy, route in routes.items()
    )
    return "read " + listed(list(written))


def listed(words: Sequence[str], most: int = 3) -> str:
    """The words as an enumeration, cut short."""
    if len(words) <= most:
        return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"
