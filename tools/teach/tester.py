"""Runs the tests of a hand-in in a process that never ran its notebook. Knows no marks.

    python -I tester.py

Started in the sandbox. Reads orders from its input and answers each, one line of JSON per order:
`kind` is `shell` (make IPython's), `import`, `given` (a cell of the assignment), `own` (one of the
student's), `cell` (one of the student's, run by the shell) or `test`; `name`, `source`, `seconds`,
and `word`, which the answer repeats. The answer has `error`, a list (type, text, whether the text
is the test's own) or null, `changed`, what was not left alone, and `threads`, whether one of the
student's still runs.

The assignment's cells live in one namespace, the student's in another. A test reaches what the
student defined by its name alone, and gets plain values from it. What the student's code changes
outside its own namespace, such as NumPy's functions, is put back, and told.
"""

import __future__

import ast
import builtins
import dataclasses
import decimal  # noqa: F401 (for `KEPT`)
import fractions
import json
import linecache
import os
import signal
import symtable
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
# What comparisons rest on: looked at whenever a function of the student's comes back.
OFTEN = ("builtins", "numpy", "numpy._core.numeric", "numpy._core.fromnumeric")
OFTEN += ("numpy._core._methods", "numpy._core.shape_base")
SYS = ("exit", "settrace", "setprofile", "_getframe")  # other parts of `sys` change by themselves
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), slice, range)
# Objects of these classes, or of a library's classes below them, come as they are.
KEPT = ("decimal.Decimal", "numpy.generic", "numpy.dtype", "numpy.random.Generator")
KEPT += ("tensorflow.Tensor", "tensorflow.Variable", "tensorflow.DType", "tensorflow.TensorShape")
KEPT += ("tensorflow.data.Dataset", "tensorflow.random.Generator", "tensorflow.GradientTape")
KEPT += ("keras.Variable", "keras.KerasTensor", "keras.Layer")
KEPT += ("keras.Optimizer", "keras.Loss", "keras.Metric", "keras.initializers.Initializer")
# By these an object could answer to a test what its author likes.
OPERATORS = {f"__{name}__" for name in "eq ne lt le gt ge bool len float int index abs".split()}
OPERATORS |= {f"__{name}__" for name in "sub rsub add radd mul rmul array getattribute".split()}
OPERATORS |= {"__array_function__", "__array_ufunc__", "__iter__", "__getitem__", "__contains__"}
# What a network of the student's own class may define of what Python itself calls.
HARMLESS = {"__init__", "__call__", "__module__", "__qualname__", "__doc__", "__annotations__"}
HARMLESS |= {"__dict__", "__weakref__", "__firstlineno__", "__static_attributes__", "__slots__"}
HARMLESS |= {"__abstractmethods__", "__annotate__", "__annotate_func__", "__annotations_cache__"}
# The parts of a class as Python has them, whatever its own class says.
name_of = type.__dict__["__name__"].__get__
order_of = type.__dict__["__mro__"].__get__
parts_of = type.__dict__["__dict__"].__get__
FUTURE = 0
for name in __future__.all_feature_names:
    FUTURE |= getattr(__future__, name).compiler_flag
SWITCH = 60.0  # seconds for which a test that computes is not interrupted by another thread
USUAL = sys.getswitchinterval()
FIELDS = "__dataclass_fields__"  # what a class has that `dataclass` made
run = exec  # before any hand-in could replace it

try:
    import numpy  # before anybody could put another one in its place
except ImportError:
    numpy = None


class TimeLimit(BaseException):
    """Raised in whatever runs when its seconds are over."""


# What a test gets


def plain(value):
    """Return what ``value`` holds, with nothing in it that answers in the student's name.

    Objects of the student's own classes could equal everything. Numbers, texts and arrays come as
    their plain type, whatever has parts part by part, whatever can be called with plain results;
    networks and tensors stay as they are. Raises TypeError for what is none of these.
    """
    kind = type(value)
    if any(kind is one for one in PLAIN):
        return value
    if numpy and issubclass(kind, numpy.void):
        return plain(numpy.void.item(value))
    if numpy and issubclass(kind, numpy.ndarray):
        return array(value)
    if kind is fractions.Fraction:
        return plain(value.numerator) / plain(value.denominator)
    if genuine(kind) and any(issubclass(kind, base) for base in kept):
        return value
    for base, made in CONTAINERS.items():
        if issubclass(kind, base):
            return made(value)
    if genuine(kind) and kind.__module__.startswith("cgan_lab.") and hasattr(kind, FIELDS):
        fields = [field.name for field in dataclasses.fields(value) if field.init]
        parts = {name: plain(getattr(value, name)) for name in fields}
        return dataclasses.replace(value, **parts)
    if harmless(kind):
        return value
    if callable(value):
        return carried(value)
    if any("__iter__" in parts_of(one) for one in order_of(kind)):
        return [plain(part) for part in value]
    raise TypeError(f"an object of the class {name_of(kind)} came, where a plain value is expected")


known = {}  # the classes that there were before the student's first line, by id
kept = []  # the classes of `KEPT`


def learn_classes():
    """Remember all classes that there are, and which of them tests get as they are."""
    waiting = [object]
    while waiting:
        kind = waiting.pop()
        if id(kind) not in known:
            known[id(kind)] = kind
            waiting += type.__subclasses__(kind)
    for name in KEPT:
        module, _, part = name.rpartition(".")
        found = getattr(sys.modules.get(module), part, None)
        if found is not None:
            kept.append(found)
    for kind in known.values():
        if any(issubclass(kind, base) for base in kept):
            guard.special[kind] = specials(kind)


def specials(kind):
    """Return the parts of a class that Python itself calls, as far as they decide on a test."""
    return {name: part for name, part in parts_of(kind).items() if name in OPERATORS}


def genuine(kind):
    """Return whether a class was there before the student's code, and so is none of its own."""
    return known.get(id(kind)) is kind


def harmless(kind):
    """Return whether a class of the student's is a network that answers as Keras' own do."""
    if not any(issubclass(kind, base) for base in kept if base.__module__.startswith("keras")):
        return False
    own = [one for one in order_of(kind) if not genuine(one)]
    special = {name for one in own for name in parts_of(one) if name.startswith("__")}
    return special <= HARMLESS and all(genuine(type(one)) for one in own)


def array(value):
    """Return an array of a subclass, or of objects, as a plain one."""
    value = value if type(value) is numpy.ndarray else numpy.array(value)
    if value.dtype.hasobject:
        parts = [plain(part) for part in value.ravel().tolist()]
        made = numpy.empty(len(parts), object)
        made[:] = parts
        return made.reshape(value.shape)
    return value


CONTAINERS = {
    int: lambda value: int.__add__(value, 0),
    float: lambda value: float.__add__(value, 0.0),
    str: lambda value: "".join(str.__iter__(value)),
    list: lambda value: [plain(part) for part in list.__iter__(value)],
    tuple: lambda value: tuple(plain(part) for part in tuple.__iter__(value)),
    dict: lambda value: {plain(key): plain(part) for key, part in dict.items(value)},
    set: lambda value: {plain(part) for part in set.__iter__(value)},
}


def carried(function):
    """Return a function that calls the student's ``function``, with plain results and errors."""

    def call(*arguments, **named):
        before = sys.getswitchinterval()
        sys.setswitchinterval(USUAL)
        try:
            return plain(function(*arguments, **named))
        except Exception as error:
            kind = type(error)
            if genuine(kind) and all(type(part) in (str, int, float) for part in error.args):
                raise
            base = next(b for b in order_of(kind) if genuine(b) and b.__module__ == "builtins")
            raise base(" ".join(plain(str(part)) for part in error.args)) from None
        finally:
            guard.look(guard.often)
            sys.setswitchinterval(before)

    name = getattr(function, "__name__", None)
    if type(name) is str:
        call.__name__ = name
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
        self.special = {}  # class -> its parts in `OPERATORS`
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
                    self.keep(module, name, key, value, name in OFTEN)
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
        for kind, parts in self.special.items() if keys is None else ():
            now = specials(kind)
            for name in now.keys() | parts.keys():
                if now.get(name) is not parts.get(name):
                    self.changed.append(f"{name_of(kind)}.{name}")
                    setattr(kind, name, parts[name]) if name in parts else delattr(kind, name)
        for name, value in self.lent.items():
            if self.space.get(name, self) is not value:
                self.changed.append(f"the tests' {name}")
                self.space[name] = value
        for ask, stop in ((sys.gettrace, sys.settrace), (sys.getprofile, sys.setprofile)):
            if ask() is not None:
                self.changed.append(stop.__name__)
                stop(None)

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
    """Stands for what a notebook has and this process has not."""

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **named):
        return self

    def __iter__(self):
        return iter(())


def alone(function, **names):
    """Return a function that leads to nothing of this file but ``names``.

    The student's code can ask for it, and for all that is in its reach.
    """
    return types.FunctionType(function.__code__, names | {"__builtins__": builtins})


for name in ("__getattr__", "__call__", "__iter__"):
    setattr(Nothing, name, alone(vars(Nothing)[name]))


def shell_of(module):
    """Return an IPython shell whose cells run in ``module``, which keeps nothing on disk."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        enable_gui = alone(lambda *_: None)  # there is no screen

    settings = Config()
    settings.HistoryManager.enabled = False
    return Shell.instance(config=settings, user_module=module, user_ns=vars(module))


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
        # Of its own: what the student adds to the module or puts in its place is not there.
        self.tests = {"__name__": "tests", "__builtins__": dict(vars(builtins))}
        self.module = types.ModuleType("__main__")
        self.own = vars(self.module)
        self.own |= {"get_ipython": Nothing(), "display": Nothing()}
        sys.modules["__main__"] = self.module
        self.shell = None
        self.numpy = types.ModuleType("numpy")
        vars(self.numpy).update(vars(numpy) if numpy else {})
        self.wanted = set()
        self.future = 0  # what the student's cells have imported from `__future__`

    def obey(self, order):
        """Carry out one order and return the answer to it."""
        kind, source, file = order["kind"], order["source"], f"<{order['name']}>"
        error = None
        guard.look()
        guard.told() if kind == "import" else None
        others = threading.active_count() > 1 and kind == "test"
        alarm(order["seconds"])
        try:
            if kind == "test":
                sys.setswitchinterval(SWITCH)
            else:  # so that a function finds its own text; that of a test is nobody's business
                linecache.cache[file] = (len(source), None, source.splitlines(True), file)
            self.carry_out(kind, source, file)
        except BaseException as caught:  # SystemExit would be a way out, too
            alarm(0)
            error = described(caught, file, order["seconds"])
        finally:
            alarm(0)
            sys.setswitchinterval(USUAL)
        guard.look()
        guard.space, guard.lent = {}, {}
        answer = {"word": order["word"], "error": error, "changed": guard.told()}
        return answer | {"threads": others}

    def carry_out(self, kind, source, file):
        """Run one cell in its namespace."""
        if kind == "own":
            code = compile(source, file, "exec", flags=self.future, dont_inherit=True)
            self.future |= code.co_flags & FUTURE
            run(code, self.own)
        elif kind == "cell":
            self.shell.run_cell(source, store_history=True).raise_error()
        elif kind == "shell":
            self.shell = shell_of(self.module)
            self.own["get_ipython"] = self.shell.get_ipython
            guard.seen.discard("builtins")  # it has put its own `exit` there
            guard.learn()
        elif kind == "import":
            run(compile(source, file, "exec", dont_inherit=True), {})
            guard.learn()
            learn_classes()
            sys.path.insert(0, os.getcwd())  # as in a notebook; what is needed is there already
        else:
            self.run_given(kind, source, file)

    def run_given(self, kind, source, file):
        """Run a cell of the assignment's own."""
        tree = ast.parse(source)
        if kind == "given":
            tree = without_shows(tree)
        code = compile(tree, file, "exec", dont_inherit=True, optimize=0)
        table = symtable.symtable(source, file, "exec")
        stored = {name.get_name() for name in table.get_symbols() if name.is_assigned()}
        self.borrow(looked_for(table) - stored)
        before = dict(self.tests)
        if kind == "test":
            # In a copy, so that what a test defines stays its own.
            guard.space = before
            guard.lent = {name: before[name] for name in guard.own - stored if name in before}
            run(code, before)
        else:
            run(code, self.tests)
            self.keep(before)

    def borrow(self, names):
        """Give the tests what the student defined under the ``names``, and those of cells before.

        Raises TypeError, or what the object itself raises, for one that no test may have, if it is
        one of ``names``.
        """
        self.wanted |= names
        for name in self.wanted - guard.own - self.tests["__builtins__"].keys():
            if name not in self.own:
                continue
            try:
                self.tests[name] = plain(self.own[name])
            except Exception:
                if name in names:
                    raise
                self.tests.pop(name, None)

    def keep(self, before):
        """Remember what a cell of the assignment has defined, and show it to the student's code."""
        guard.learn()
        for name, value in self.tests.items():
            if name.startswith("__") or before.get(name, guard) is value:
                continue
            guard.own.add(name)
            self.own[name] = value
            if value is numpy:  # the tests have their own, in which nobody can change a name
                self.tests[name] = value = self.numpy
            guard.keep(self.tests, "the assignment's", name, value)


def looked_for(table):
    """Return the names that code looks for outside of its functions, at any depth."""
    found, waiting = set(), [table]
    for one in waiting:
        waiting += one.get_children()
        names = [name for name in one.get_symbols() if name.is_referenced()]
        found |= {name.get_name() for name in names if one is table or name.is_global()}
    return found


def alarm(seconds):
    """Let what runs be ended in ``seconds``, or never if they are 0."""
    if hasattr(signal, "setitimer"):  # not on Windows, where the caller alone keeps the time
        signal.signal(signal.SIGALRM, over)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def over(*_):
    """End what runs."""
    raise TimeLimit


over = alone(over, TimeLimit=TimeLimit)


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
    return [name_of(type(error)), text, bool(last) and last.tb_frame.f_code.co_filename == file]


def main():
    """Obey until the input ends."""
    # The student's code gets neither the orders nor the place of the answers as its own files.
    orders = os.fdopen(os.dup(0), "r", encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.environ["MPLBACKEND"] = "agg"  # figures are drawn for nobody here
    guard.learn()
    tester = Tester()
    # Of its own: the module's could be told to write something else.
    write, read = json.JSONEncoder().encode, json.JSONDecoder().decode
    for line in orders:
        answers.write(write(tester.obey(read(line))) + "\n")
        answers.flush()


guard = Guard()

if __name__ == "__main__":
    main()
