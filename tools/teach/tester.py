"""Runs the tests of a hand-in in a process that never ran its notebook. Knows no marks.

    python -I tester.py

Started in the sandbox. Reads orders from its input and answers each, one line of JSON per order:
`kind` is `import`, `given` (a cell of the assignment), `own` (one of the student's) or `test`;
`name`, `source`, `seconds`, and `word`, which the answer repeats. The answer has `error`, a list
(type, text, whether the text is the test's own) or null, and `changed`, what was not left alone.

The assignment's cells live in one namespace, the student's in another. A test reaches what the
student defined by its name alone, and gets plain values from it. What the student's code changes
outside its own namespace, such as NumPy's functions, is put back, and told.
"""

import ast
import builtins
import contextlib
import dataclasses
import functools
import json
import linecache
import os
import signal
import sys
import threading
import types

# Modules whose parts a test relies on; of the large ones, what is on their first level.
DEEP = ("numpy", "cgan_lab", "json", "ast")
FLAT = ("builtins", "sys", "math", "statistics", "dataclasses", "functools", "itertools", "random")
FLAT += (
    "tracemalloc",
    "collections",
    "signal",
    "threading",
    "linecache",
    "types",
    "keras",
    "keras.ops",
    "keras.losses",
    "keras.optimizers",
)
FLAT += ("tensorflow", "tensorflow.nn", "tensorflow.math", "tensorflow.random")
SYS = ("exit", "settrace", "setprofile", "_getframe")  # other parts of `sys` change by themselves
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), slice, range)
HEAP = 1 << 9  # of a class that was made by running Python, as all of a student's are
run = exec  # before any hand-in could replace it


class TimeLimit(BaseException):
    """Raised in whatever runs when its seconds are over."""


# What a test gets


def plain(value):
    """Return what ``value`` holds, with nothing in it that answers in the student's name.

    Objects of the student's own classes could equal everything. Numbers, texts and arrays come as
    their plain type, lists and the like part by part, functions with plain results; networks stay
    as they are. Raises TypeError for what is none of these.
    """
    kind = type(value)
    if kind in PLAIN or isinstance(value, type):
        return value
    for base, made in CONTAINERS.items():
        if isinstance(value, base):
            return made(value)
    if isinstance(value, types.FunctionType | types.MethodType | functools.partial):
        return carried(value)
    if (
        genuine(kind)
        and kind.__module__.startswith("cgan_lab.")
        and dataclasses.is_dataclass(value)
    ):
        fields = [field.name for field in dataclasses.fields(value) if field.init]
        parts = {name: plain(getattr(value, name)) for name in fields}
        return dataclasses.replace(value, **parts)
    if genuine(kind):
        return array(value)
    if any(genuine(base) and base.__module__.startswith("keras.") for base in kind.__mro__):
        return value
    if callable(value):
        return carried(value)
    raise TypeError(f"an object of the class {kind.__name__} came, where a plain value is expected")


def genuine(kind):
    """Return whether a class is what it says: built in, or what a library has under its name."""
    if not kind.__flags__ & HEAP:
        return True
    found = None if kind.__module__ == "__main__" else sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind


def array(value):
    """Return an array of a subclass, or of objects, as a plain one, and all else as it is."""
    numpy = sys.modules.get("numpy")
    if not numpy or not isinstance(value, numpy.ndarray):
        return value
    if value.dtype == object:
        parts = [plain(part) for part in numpy.array(value).ravel().tolist()]
        made = numpy.empty(len(parts), object)
        made[:] = parts
        return made.reshape(value.shape)
    return value if type(value) is numpy.ndarray else numpy.array(value)


CONTAINERS = {
    int: lambda value: value if genuine(type(value)) else int.__add__(value, 0),
    float: lambda value: value if genuine(type(value)) else float.__add__(value, 0.0),
    str: lambda value: "".join(str.__iter__(value)),
    list: lambda value: [plain(part) for part in list.__iter__(value)],
    tuple: lambda value: tuple(plain(part) for part in tuple.__iter__(value)),
    dict: lambda value: {plain(key): plain(part) for key, part in dict.items(value)},
    set: lambda value: {plain(part) for part in set.__iter__(value)},
}


def carried(function):
    """Return a function that calls the student's ``function``, with plain results and errors."""

    @functools.wraps(function, assigned=("__name__", "__doc__"), updated=())
    def call(*arguments, **named):
        try:
            return plain(function(*arguments, **named))
        except Exception as error:
            if not genuine(type(error)):
                base = next(b for b in type(error).__mro__ if b.__module__ == "builtins")
                raise base(*map(str, error.args)) from None
            raise
        finally:
            guard.look(guard.often)

    del call.__wrapped__
    return call


# What must stay as it is


class Guard:
    """Remembers what tests rely on, puts back what was changed, and tells it."""

    def __init__(self):
        self.kept = {}  # (id of the holder, name) -> (holder, the holder's name, name, value, code)
        self.often = []  # the keys that are looked at after each call
        self.seen = set()
        self.changed = []
        self.own = set()  # names that the assignment's cells have defined
        self.space, self.lent = {}, {}  # where a test runs, and what it must find there

    def learn(self):
        """Take in the modules that are new since the last time."""
        for name, module in list(sys.modules.items()):
            watched = name in FLAT or name.partition(".")[0] in DEEP
            if not watched or name in self.seen or not isinstance(module, types.ModuleType):
                continue
            self.seen.add(name)
            for key, value in list(vars(module).items()):
                if name == "sys" and key not in SYS:
                    continue
                if callable(value):
                    self.keep(module, name, key, value, name in ("builtins", "numpy"))
                if isinstance(value, type) and name.startswith(("cgan_lab", "keras", "json")):
                    for part, method in list(vars(value).items()):
                        if isinstance(method, types.FunctionType):
                            self.keep(value, f"{name}.{key}", part, method)

    def keep(self, holder, called, name, value, often=False):
        """Remember one part."""
        key = id(holder), name
        self.kept[key] = holder, called, name, value, insides(value)
        if often:
            self.often.append(key)

    def look(self, keys=None):
        """Put back what was changed."""
        for key in self.kept if keys is None else keys:
            holder, called, name, value, was = self.kept[key]
            held = holder if isinstance(holder, dict) else vars(holder)
            if held.get(name, self) is not value or (was and insides(value) != was):
                self.changed.append(f"{called}.{name}")
                put_back(holder, name, value, was)
        for name, value in self.lent.items():
            if self.space.get(name, self) is not value:
                self.changed.append(f"the tests' {name}")
                self.space[name] = value
        for ask, stop in ((sys.gettrace, sys.settrace), (sys.getprofile, sys.setprofile)):
            if ask() is not None:
                self.changed.append(stop.__name__)
                stop(None)

    def threads(self):
        """Note what the student's code has left running beside the tests."""
        if any(one is not threading.main_thread() for one in threading.enumerate()):
            self.changed.append("a thread that still runs")

    def told(self):
        """Return what was changed since the last time, each once."""
        found, self.changed = list(dict.fromkeys(self.changed)), []
        return found


def insides(value):
    """Return what decides on the work of a function: its code and its defaults."""
    function = getattr(value, "_implementation", value)  # of one that NumPy dispatches
    if not isinstance(function, types.FunctionType):
        return None
    named = function.__kwdefaults__
    return function.__code__, function.__defaults__, tuple(named.items()) if named else None


def put_back(holder, name, value, was):
    """Let ``holder`` have ``value`` as ``name`` again, working as it ``was``."""
    if isinstance(holder, dict):
        holder[name] = value
    else:
        setattr(holder, name, value)
    function = getattr(value, "_implementation", value)
    if was is not None:
        function.__code__, function.__defaults__ = was[:2]
        function.__kwdefaults__ = dict(was[2]) if was[2] else None


# Running


class Nothing:
    """Stands for what a notebook has and this process has not, such as IPython's shell."""

    def __getattr__(self, name):
        return Nothing()

    def __call__(self, *arguments, **named):
        return Nothing()

    def __iter__(self):
        return iter(())


class Shell(Nothing):
    """Stands for IPython's shell: of its magics those that run code run it, in ``space``."""

    def __init__(self, space):
        self.space = space

    def run_cell_magic(self, name, line, body):
        """Run the cell below `%%time` and the like."""
        if name in ("time", "capture", "prun"):
            self.run_line_magic("time", body)

    def run_line_magic(self, name, line, **_):
        """Run the rest of the line behind `%time`."""
        if name in ("time", "prun"):
            run(compile(without_magics(line), "<magic>", "exec"), self.space)


def without_magics(source):
    """Return a cell's code with IPython's magics as calls of `get_ipython`."""
    with contextlib.suppress(SyntaxError):
        ast.parse(source)
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


def without_shows(tree):
    """Return the code without statements that only print, which takes time and defines nothing."""

    def shows(node):
        if isinstance(node, ast.For):
            return all(map(shows, node.body + node.orelse))
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        return called and getattr(node.value.func, "id", "") == "print"

    tree.body = [node for node in tree.body if not shows(node)]
    return tree


class Tester:
    """The two namespaces, and what runs in them."""

    def __init__(self):
        self.tests = {"__name__": "tests", "__builtins__": builtins}
        module = types.ModuleType("__main__")
        self.own = vars(module)
        shell = Shell(self.own)
        self.own |= {"get_ipython": lambda: shell, "display": Nothing()}
        sys.modules["__main__"] = module
        self.wanted = set()

    def obey(self, order):
        """Carry out one order and return the answer to it."""
        kind, source, file = order["kind"], order["source"], f"<{order['name']}>"
        linecache.cache[file] = (len(source), None, source.splitlines(True), file)
        error = None
        guard.look()
        guard.told() if kind == "import" else None
        alarm(order["seconds"])
        try:
            self.carry_out(kind, source, file)
        except BaseException as caught:  # SystemExit would be a way out, too
            alarm(0)
            error = described(caught, file, order["seconds"])
        finally:
            alarm(0)
        guard.look()
        guard.space, guard.lent = {}, {}
        return {"word": order["word"], "error": error, "changed": guard.told()}

    def carry_out(self, kind, source, file):
        """Run one cell in its namespace."""
        if kind == "own":
            run(compile(without_magics(source), file, "exec", dont_inherit=True), self.own)
            return
        tree = ast.parse(source)
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        self.wanted |= names
        self.borrow()
        if kind == "test":
            guard.threads()
        else:
            tree = without_shows(tree)
        code = compile(tree, file, "exec", dont_inherit=True, optimize=0)
        before = dict(self.tests)
        if kind == "test":
            # In a copy, so that what a test defines stays its own.
            stored = {node.id for node in ast.walk(tree) if is_stored(node)}
            guard.space = before
            guard.lent = {name: before[name] for name in guard.own - stored if name in before}
            run(code, before)
        else:
            run(code, self.tests)
            self.keep(before)

    def borrow(self):
        """Give the tests what the student defined under the names that they use."""
        for name in self.wanted - guard.own - vars(builtins).keys():
            if name in self.own:
                self.tests[name] = plain(self.own[name])

    def keep(self, before):
        """Remember what a cell of the assignment has defined, and show it to the student's code."""
        guard.learn()
        for name, value in self.tests.items():
            if name.startswith("__") or before.get(name, guard) is value:
                continue
            guard.own.add(name)
            guard.keep(self.tests, "the assignment's", name, value)
            self.own[name] = value


def is_stored(node):
    """Return whether a part of a syntax tree gives a name a value."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def alarm(seconds):
    """Let what runs be ended in ``seconds``, or never if they are 0."""
    if hasattr(signal, "setitimer"):  # not on Windows, where the caller alone keeps the time
        signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def over(*_):
    """End what runs."""
    raise TimeLimit


def described(error, file, seconds):
    """Return (the error's type, its text, whether the test itself raised it)."""
    if isinstance(error, TimeLimit):
        return ["TimeLimit", f"stopped after {seconds:g} seconds", True]
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    try:
        text = str(error)[:2000]
    except Exception:
        text = "an error without a text"
    return [type(error).__name__, text, bool(last) and last.tb_frame.f_code.co_filename == file]


def main():
    """Obey until the input ends."""
    # The student's code gets neither the orders nor the place of the answers as its own files.
    orders = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.environ["MPLBACKEND"] = "agg"  # figures are drawn for nobody here
    tester = Tester()
    with contextlib.suppress(ImportError):
        __import__("numpy")  # before anybody could put another one in its place
    guard.learn()
    for line in orders:
        answer = tester.obey(json.loads(line))
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


guard = Guard()

if __name__ == "__main__":
    sys.path.append(os.getcwd())  # behind the libraries: a file of the student's replaces none
    main()
