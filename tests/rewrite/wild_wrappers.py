"""Factories and decorators as real projects have them."""

from __future__ import annotations

from reloadlint.rewrite.refusal import Caution, Reason
from tests.rewrite.wild import MOVED, NOT_FOUND, Outcome

WRAPPERS: dict[str, tuple[dict[str, Outcome], str]] = {
    "a wrapper that reads what is set on it later": (
        {"wrapper": MOVED},
        """\
import functools

class Cache:
    def __call__(self, function):
        @functools.wraps(function)
        def wrapper(request):
            return wrapper.cache.get(request) + function(request)

        wrapper.cache = self
        return wrapper

    def get(self, request):
        return -request

def main():
    size = Cache()(abs)
    return size(2), size.__name__
""",
    ),
    "a wrapper on which many attributes are set": (
        {"wrapper": MOVED},
        """\
def both(view, other):
    def wrapper(context, request):
        if request:
            return other(context, request)
        return view(context, request)

    wrapper.__wraps__ = wrapper
    wrapper.__module__ = view.__module__
    wrapper.__doc__ = view.__doc__
    wrapper.__name__ = view.__name__
    wrapper.__order__ = getattr(view, "__order__", 3)
    return wrapper

def main():
    def view(*args):
        "Doc."
        return args
    found = both(view, max)
    return found(1, 0), found(1, 2), found.__name__, found.__doc__, found.__order__
""",
    ),
    "a wrapper in a loop that is called at once": (
        NOT_FOUND,
        """\
import functools

class Bot:
    def call(self, function, *args):
        return function(self, *args)

def run(bot: Bot, found):
    seen = []
    for function, match in found:
        @functools.wraps(function)
        def decorated(bot, trigger):
            return function(bot, trigger, match=match)

        seen.append(bot.call(decorated, 1))
    return seen

def main():
    return run(Bot(), [(lambda bot, trigger, match: match + trigger, 2)])
""",
    ),
    "a key in a loop that is done with when the list is sorted": (
        NOT_FOUND,
        """\
def resolve(unique, order):
    for infos in unique.values():
        def by_path(info):
            path, i = info["path"], info["i"]
            return path, order, i

        infos.sort(key=by_path)
    return unique

def main():
    return resolve({1: [{"path": "b", "i": 1}, {"path": "a", "i": 2}]}, 0)
""",
    ),
    "a def in each branch, under one name": (
        {"is_wrong": MOVED, "validate": MOVED},
        """\
def in_domain(domain):
    if isinstance(domain, str):

        def is_wrong(value):
            return value != domain

    else:

        def is_wrong(value):
            return value not in domain

    def validate(values):
        for value in values:
            if is_wrong(value):
                raise ValueError(f"{value} is not of {domain}")
        return values

    return validate

def main():
    try:
        in_domain("light")(["light", "lamp"])
    except ValueError as error:
        return str(error), in_domain(["lamp"])(["lamp"])
""",
    ),
    "`self` is a local of one variant, and captured by the other": (
        {"view": MOVED},
        """\
class View:
    def __init__(self, name):
        self.name = name

    @classmethod
    def as_view(cls, is_fresh, *args):
        if is_fresh:

            def view(**kwargs):
                self = view.view_class(*args)
                return self.dispatch(**kwargs)

        else:
            self = cls(*args)

            def view(**kwargs):
                return self.dispatch(**kwargs) + ("again",)

        view.view_class = cls
        return view

    def dispatch(self, **kwargs):
        return self.name, kwargs

def main():
    return View.as_view(True, "a")(x=1), View.as_view(False, "b")(self_=2)
""",
    ),
    "a def in a def of its name, over a private name of the module": (
        {"append": MOVED, "extend": MOVED},
        """\
def __set(collection, item):
    collection.append(("set", item))
    return item

def decorators():
    def tidy(function):
        function.is_ours = True

    def append(function):
        def append(self, item, by=None):
            item = __set(self, item)
            function(self, item)

        tidy(append)
        return append

    def extend(function):
        def extend(self, items):
            for item in items:
                __set(self, item)

        tidy(extend)
        return extend

    return append(list.append), extend(list.extend)

def main():
    seen = []
    append, extend = decorators()
    append(seen, 1)
    extend(seen, [2])
    return seen, append.is_ours
""",
    ),
    "a lambda that is bound anew in a branch, and called at once": (
        NOT_FOUND,
        """\
def check(values, kind):
    for value in values:
        show = lambda v: v
        if not isinstance(value, kind):
            show = lambda v: type(v).__name__
        if value:
            return show(value)

def main():
    return check([1], int), check(["a"], int)
""",
    ),
    "a wrapper that sets a global and names its exception": (
        {"wrapper": MOVED},
        """\
from functools import wraps

_exception = None

def check_errors(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        global _exception
        try:
            function(*args, **kwargs)
        except Exception as error:
            _exception = repr(error)
            raise KeyError("again") from error

    return wrapper

@check_errors
def fail(*args, **kwargs):
    raise ValueError(args, kwargs)

def main():
    try:
        fail(1, function=2)
    except KeyError as error:
        return _exception, repr(error.__cause__), fail.__name__
""",
    ),
    "a wrapper of a class body's helper that calls super": (
        {"wrapped": Reason.CLASS_CELL},
        """\
class Warned(list):
    def _wrap(name):
        def wrapped(self, *args):
            self.warned = True
            return getattr(super(), name)(*args)

        return name, wrapped

    locals().update(map(_wrap, ["append", "pop"]))

def main():
    warned = Warned([1])
    warned.append(2)
    return warned.pop(), warned, warned.warned
""",
    ),
    "a wrapper that looks for its caller on the stack": (
        {"deprecated": Reason.SEES_ITS_FRAME},
        """\
import inspect

def warn_of(function, depth):
    def deprecated(*args):
        frame = inspect.stack()[-depth]
        return bool(frame.lineno), function(*args)

    return deprecated

def main():
    return warn_of(max, 1)(1, 2)
""",
    ),
    "a function whose code is looked for in a traceback": (
        {"create": Reason.INTROSPECTED},
        """\
import sys

FACTORIES = []

def keep(f):
    FACTORIES.append(f)
    try:
        f()
    except TypeError:
        traceback = sys.exc_info()[2]
        while traceback is not None:
            if traceback.tb_frame.f_code is f.__code__:
                return False
            traceback = traceback.tb_next
        return True

def app(name):
    def create(config=None):
        return len(config) + len(name)

    return keep(create)

def main():
    return app("x")
""",
    ),
    "a function whose arguments are asked for": (
        {"callback": Caution.INTROSPECTED},
        """\
from inspect import getfullargspec

class Replacer:
    def __init__(self, function, name):
        self.function = function
        self.position = getfullargspec(function).args.index(name)

def replaced(bus):
    def callback(x, y):
        return bus + [x, y]

    return Replacer(callback, "y")

def main():
    found = replaced([1])
    return found.position, found.function(2, 3)
""",
    ),
}
