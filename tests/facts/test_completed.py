"""Futures that are complete: they call back at once, and keep nothing."""

from __future__ import annotations

import textwrap

import pytest

from tests.facts.survival import facts_in_project, is_shown

FUTURES = """\
    from twisted.internet import defer


    class Shop:
        def find(self, name):
            if not name:
                return defer.fail(KeyError(name))
            return self.sold(name).addErrback(print)

        def sold(self, name):
            return defer.succeed(name)

        def order(self, name):
            if not name:
                return defer.succeed(name)
            return defer.Deferred()

        def ask(self, name):
            raise NotImplementedError

        def again(self, name):
            return self.again(name)

        @defer.inlineCallbacks
        def wait(self, name):
            return defer.succeed((yield name))


    class Closed(Shop):
        def ask(self, name):
            return defer.succeed(name)


    def make(shop: Shop, other):
        def work(result):
            return result + 1

"""


@pytest.mark.parametrize(
    ("future", "is_kept"),
    [
        ("defer.Deferred()", True),
        ("defer.succeed(1)", False),
        ("defer.succeed(1).addErrback(print)", False),
        ("shop.find('x')", False),
        ("other.find('x')", False),
        ("shop.ask('x')", False),  # where a subclass says what it returns
        ("shop.order('x')", True),  # it may be complete
        ("other.order('x')", True),
        ("other.unknown('x')", True),
        ("shop.again('x')", True),
        ("shop.wait('x')", True),  # the decorator makes another future
        ("shop.future", True),
    ],
)
@pytest.mark.parametrize("call", ["{}.addCallback(work)", "d = {}; d.addCallback(work)"])
def test_a_future_that_is_complete_calls_back_at_once(
    future: str, is_kept: bool, call: str
) -> None:
    text = textwrap.dedent(FUTURES) + "    " + call.format(future)
    facts = facts_in_project(text)
    (work,) = (closure for closure in facts.closures if closure.name == "work")
    assert is_shown(facts.fate(work.node)) is is_kept


def test_a_name_that_a_loop_binds_may_be_any_future() -> None:
    call = "    for d in [defer.succeed(1)]:\n        d.addCallback(work)\n"
    facts = facts_in_project(textwrap.dedent(FUTURES) + call)
    (work,) = (closure for closure in facts.closures if closure.name == "work")
    assert is_shown(facts.fate(work.node))
