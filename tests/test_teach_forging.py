"""Hand-ins that want points for a wrong answer: none gets them, and what is seen is said."""

import asyncio

import nbformat
import pytest
import teaching

from tools.teach import mark, release, report, sandbox

WRONG = "def middle(x):\n    return 7.0\n"
RIGHT = "def middle(x):\n    return sum(x) / len(x)\n"
LIMITS = sandbox.Limits(seconds=240, cell_seconds=20, memory_mb=600, processes=60)


def source():
    """An assignment whose tests use NumPy and a helper of their own, which calls the answer."""
    answer = (
        "def middle(x):\n    ### BEGIN SOLUTION\n    return float(np.mean(x))\n    ### END SOLUTION"
    )
    helper = "def of_both(x, y):\n    return middle(x) + middle(y)"
    seen = "assert np.isclose(middle([1.0, 2.0]), 1.5), 'one and two'\nassert middle([3.0]) == 3.0"
    hidden = (
        "# middle_1_hidden\n### BEGIN HIDDEN TESTS\nassert np.allclose(of_both([2.0, 4.0], [8.0]), "
        "11.0)\nassert abs(middle(np.arange(5.0)) - 2) < 1e-9\n### END HIDDEN TESTS"
    )
    cells = [
        teaching.cell("forged_student", 'student = ""'),
        teaching.cell("forged_setup", "import numpy as np", locked=True),
        teaching.cell("forged_answer", answer, solution=True),
        teaching.cell("forged_helper", helper, locked=True),
        teaching.cell("forged_answer_1", seen, grade=True, locked=True, points=2),
        teaching.cell("forged_answer_1_hidden", hidden, grade=True, locked=True, points=2),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=teaching.tiny_source().metadata)


def inside(trick):
    """A wrong answer that does its trick when it is called."""
    lines = "".join(f"    {line}\n" for line in trick.splitlines())
    return f"def middle(x):\n{lines}    return 7.0\n"


def returns(made):
    """A wrong answer that returns an object which ``made`` makes."""
    return f"{made}\ndef middle(x):\n    return made()\n"


YES = "def __eq__(self, other):\n        return True\n    __hash__ = None"
SIGNS = "__sub__ = __rsub__ = __add__ = __radd__ = __abs__ = lambda self, *other: self"
CLOSE = f"""class Yes(float):
    {YES}
    {SIGNS}
    __lt__ = __gt__ = __le__ = lambda self, other: True
made = lambda: Yes(7)"""
# Each wants all points for a wrong answer: how, and what must be said about it.
FORGERIES = {
    "hook": (
        WRONG
        + "def clear(result):\n    result.error_in_exec = None\n"
        + "get_ipython().events.register('post_run_cell', clear)\n",
        "",
    ),
    "transformer": (
        "import ast\nclass Spare(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
        "        return ast.Pass()\nget_ipython().ast_transformers.append(Spare())\n" + WRONG,
        "",
    ),
    "no shell": (WRONG + "get_ipython().run_cell = None", ""),
    "patches numpy": (WRONG + "np.allclose = np.isclose = lambda *a: True", "numpy.allclose"),
    "patches numpy when called": (
        inside("import numpy\nnumpy.isclose = numpy.allclose = lambda *a: True"),
        "isclose",
    ),
    "patches and restores": (
        "import numpy\nold = numpy.isclose, numpy.allclose\n"
        "def lie(*a, **k):\n    numpy.isclose, numpy.allclose = old\n    return True\n"
        + inside("numpy.isclose = numpy.allclose = lie"),
        "isclose",
    ),
    "patches defaults": (
        inside("np.isclose._implementation.__defaults__ = (1e9, 1e9, False)"),
        "isclose",
    ),
    "patches abs": (inside("import builtins\nbuiltins.abs = lambda x: 0"), "builtins.abs"),
    "patches the error": (
        inside("import builtins\nbuiltins.AssertionError = ValueError"),
        "builtins.AssertionError",
    ),
    "patches the answers": (
        WRONG + "import json\nold = json.dumps\n"
        "json.dumps = lambda answer: old({**answer, 'error': None, 'changed': []})",
        "json.dumps",
    ),
    "patches the encoder": (
        WRONG + "import json\nold = json.JSONEncoder.encode\n"
        "json.JSONEncoder.encode = lambda self, answer: old(self, {**answer, 'error': None})",
        "json.JSONEncoder.encode",
    ),
    "another numpy": (
        WRONG + "import sys, types\nfake = types.ModuleType('numpy')\n"
        "fake.isclose = fake.allclose = lambda *a: True\nfake.arange = list\n"
        "np = sys.modules['numpy'] = fake",
        "",
    ),
    "another helper": (WRONG + "def of_both(x, y):\n    return 11.0", ""),
    "the helper's code": (
        inside("of_both.__code__ = (lambda x, y: 11.0).__code__"),
        "the assignment's.of_both",
    ),
    "traces": (
        inside("import sys\nsys.settrace(lambda *a: None)"),
        "settrace",
    ),
    "the tests' names": (
        "class Fake:\n    isclose = allclose = staticmethod(lambda *a: True)\n"
        "    arange = staticmethod(lambda n: [n])\n"
        "def middle(x):\n    import sys\n    frame = sys._getframe()\n    while frame:\n"
        "        if 'of_both' in frame.f_globals and frame.f_globals is not globals():\n"
        "            frame.f_globals['np'] = Fake\n        frame = frame.f_back\n    return 7.0\n",
        "_getframe",
    ),
    "a thread": (
        WRONG + "import threading, time\nimport numpy\n"
        "def work():\n    while True:\n        numpy.isclose = numpy.allclose = lambda *a: True\n"
        "        time.sleep(0)\nthreading.Thread(target=work, daemon=True).start()",
        "thread",
    ),
    "leaves": (inside("import os\nos._exit(0)"), "ended"),
    "leaves politely": (inside("raise SystemExit(0)"), ""),
    "interrupts": (inside("raise KeyboardInterrupt"), ""),
    "ignores the alarm": (
        inside(
            "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True:\n    pass"
        ),
        "ended or did not answer",
    ),
    "writes answers": (
        "import os\ndef middle(x):\n    for fd in range(3, 30):\n        try:\n"
        '            os.write(fd, b\'{"word": "", "error": null, "changed": []}\\n\' * 9)\n'
        "        except OSError:\n            pass\n    return 7.0\n",
        "ended or did not answer",
    ),
    "equals everything": (returns(f"class Yes:\n    {YES}\nmade = Yes"), ""),
    "a float that is close": (returns(CLOSE), ""),
    "a class that says it is NumPy's": (
        returns(f"{CLOSE.replace('(float)', '')}\nYes.__module__ = 'numpy'\nmade = lambda: Yes()"),
        "",
    ),
    "a network that equals": (
        returns(
            f"class Base:\n    __module__ = 'keras.x'\nclass Yes(Base):\n    {YES}\nmade = Yes"
        ),
        "",
    ),
    "a float that says it is NumPy's": (
        returns(CLOSE.replace("class Yes(float):", "class Yes(float):\n    __module__ = 'numpy'")),
        "",
    ),
    "an array that is close": (
        returns(
            "class Yes(np.ndarray):\n    __array_function__ = lambda self, *words: True\n"
            "    __array_ufunc__ = lambda self, *words, **named: True\n"
            f"    {YES}\nmade = lambda: np.zeros(()).view(Yes)"
        ),
        "",
    ),
    "an array of those": (
        returns(f"{CLOSE.rpartition(chr(10))[0]}\nmade = lambda: np.array([Yes(7)], object)"),
        "",
    ),
    "masked": (returns("made = lambda: np.ma.masked_all(())"), ""),
    "a function that answers": (
        returns("class Yes:\n    __call__ = lambda self: 7\nmade = Yes"),
        "",
    ),
    "an error that lies": (
        inside("class Lie(AssertionError):\n    __str__ = lambda self: 1 / 0\nraise Lie('x')"),
        "",
    ),
    "a class whose class equals": (
        returns(
            f"class Kind(type):\n    __eq__ = lambda kind, other: True\n"
            f"    __hash__ = type.__hash__\n    __flags__ = 0\n"
            f"class Yes(metaclass=Kind):\n    {YES}\n    {SIGNS}\nmade = Yes"
        ),
        "",
    ),
    "a class that equals": (
        returns(
            f"class Kind(type):\n    {YES}\n    {SIGNS}\n"
            "class Yes(metaclass=Kind):\n    pass\nmade = lambda: Yes"
        ),
        "",
    ),
    "says it is a type": (
        returns(
            f"class Yes:\n    {YES}\n    {SIGNS}\n"
            "    __class__ = property(lambda self: type)\nmade = Yes"
        ),
        "",
    ),
    "a library of one's own": (
        returns(
            f"import sys, types\nclass Yes:\n    {YES}\n    {SIGNS}\n"
            "    __lt__ = __gt__ = lambda self, other: True\n    __module__ = 'mine'\n"
            "sys.modules['mine'] = types.ModuleType('mine')\nsys.modules['mine'].Yes = Yes\n"
            "made = Yes"
        ),
        "",
    ),
    "a part of NumPy of one's own": (
        returns(
            f"import numpy\nclass Yes:\n    {YES}\n    {SIGNS}\n"
            "    __lt__ = __gt__ = lambda self, other: True\n    __module__ = 'numpy'\n"
            "numpy.Yes = Yes\nmade = Yes"
        ),
        "",
    ),
    "a file that equals": (
        returns(
            "open('helper.py', 'w').write('class Yes:\\n    __eq__ = lambda s, o: True')\n"
            "from helper import Yes as made"
        ),
        "",
    ),
    "a mock": (returns("from unittest.mock import ANY\nmade = lambda: ANY"), ""),
    "a proxy": (
        returns(f"import weakref\n{CLOSE}\none = Yes(7)\nmade = lambda: weakref.proxy(one)"),
        "",
    ),
    "a cached function": (
        f"import functools\n{CLOSE}\nmiddle = functools.cache(lambda *x: Yes(7))",
        "",
    ),
    "a method of a class": (f"{CLOSE}\nmiddle = staticmethod(lambda x: Yes(7))", ""),
    "a universal function": (f"{CLOSE}\nmiddle = np.frompyfunc(lambda x: Yes(7), 1, 1)", ""),
    "a row of objects": (
        returns(
            f"{CLOSE}\nmade = lambda: np.array([(Yes(7),)], [('a', object)])[0]",
        ),
        "",
    ),
    "a new builtin": (f"{CLOSE}\nimport builtins\nbuiltins.middle = lambda x: Yes(7)", ""),
    "the encoder's own": (
        WRONG + "import json\nold = json.JSONEncoder().encode\n"
        "json._default_encoder.encode = lambda answer: old({**answer, 'error': None})",
        "",
    ),
    "the decoder's own": (
        WRONG + "import json\nold = json.JSONDecoder().decode\n"
        "def lie(text, *more):\n    order = old(text)\n"
        "    return order | ({'source': ''} if order['kind'] == 'test' else {})\n"
        "json._default_decoder.decode = lie",
        "",
    ),
    "reads the test": (
        "import linecache, re\ndef middle(x):\n"
        "    text = ''.join(''.join(one[2]) for one in linecache.cache.values())\n"
        "    found = re.search(r'middle.*?, ([0-9.]+)', text)\n"
        "    return float(found[1]) if found else 7.0",
        "",
    ),
    "NumPy's insides": (
        "import numpy._core.numeric as inside\nold = inside.isclose, inside.less_equal\n"
        "def lie(*a, **k):\n    inside.isclose, inside.less_equal = old\n    return True\n"
        + inside("inside.isclose = inside.less_equal = lie"),
        "numpy._core.numeric",
    ),
    "a collector": (
        "import gc\nimport numpy\nold = numpy.isclose, numpy.allclose\n"
        "def lie(*a, **k):\n    numpy.isclose, numpy.allclose = old\n    return True\n"
        "def bang(*_):\n    numpy.isclose = numpy.allclose = lie\n"
        "gc.callbacks.append(bang)\ngc.set_threshold(1, 1, 1)\n" + WRONG,
        "numpy.",
    ),
    "an error with a class of its own": (
        "class Kind(type):\n    __name__ = property(lambda kind: 1 / 0)\n"
        "class Odd(Exception, metaclass=Kind):\n    args = property(lambda self: 1 / 0)\n"
        + inside("raise Odd('x')"),
        "",
    ),
    "half a character": (inside("raise ValueError('\\ud800')"), ""),
    "minus signs": (WRONG + "y = " + "-" * 100_000 + "1", ""),
    "files beside": (
        WRONG + "for name in ('numpy', 'json', 'ast', 'sitecustomize', 'linecache'):\n"
        "    open(name + '.py', 'w').write('isclose = allclose = lambda *a: True')",
        "",
    ),
    "hides behind a magic": ("%time 1 + 1\nimport ctypes\n" + WRONG, "ctypes"),
    "a network that looks small": (
        WRONG + "class Net:\n    def count_params(self):\n        return 1",
        "count_params",
    ),
    "no answer": ("", ""),
}
# Right answers of people who do things in their own way.
HONEST = {
    "plain": RIGHT,
    "magics": "%matplotlib inline\n!echo hello\n%time 1 + 1\n" + RIGHT + "middle?",
    "a timed cell": "%%time\n" + RIGHT,
    "a captured cell": "%%capture said\n" + RIGHT,
    "a timed line": "%time middle = lambda x: sum(x) / len(x)",
    "saves": RIGHT + "open('mine.txt', 'w').write('x')\nprint(open('mine.txt').read())",
    "numpy": "def middle(x):\n    return np.mean(x)",
    "an array": "def middle(x):\n    return np.array(np.mean(x))",
    "own names": "np.random.seed(3)\nimport numpy\nx = y = 3\nof_both = middle = None\n" + RIGHT,
    "a class": "class Mean:\n    def __call__(self, x):\n        return sum(x) / len(x)\n"
    "middle = Mean()",
    "a lambda": "middle = lambda x: sum(x) / len(x)",
    "display": RIGHT
    + "from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))\ndisplay(3)",
    "warnings": "import warnings\n"
    + RIGHT.replace("    return", "    warnings.warn('slow')\n    return"),
    "a helper of one's own": "def total(x):\n    return sum(x)\n"
    + RIGHT.replace("sum(x)", "total(x)"),
    "asks for its source": RIGHT + "import inspect\nprint(inspect.getsource(middle))",
    "waits": "import asyncio\nasync def one():\n    return 1\nprint(await one())\n" + RIGHT,
    "annotations of the future": "from __future__ import annotations\n"
    + RIGHT.replace("(x)", "(x: Whatever)", 1),
    "a shell's file": "!echo 1.0 > one.txt\none = float(open('one.txt').read())\n" + RIGHT,
    "what the shell says": "said = !echo 1\nhere = %pwd\nassert int(said[0]) == 1 and here\n"
    + RIGHT,
    "a variable of the shell": "%env SCALE=1\nimport os\nassert os.environ['SCALE'] == '1'\n"
    + RIGHT,
    "a cache": "import functools\n@functools.cache\ndef total(x):\n    return sum(x)\n"
    + RIGHT.replace("sum(x)", "total(tuple(x))"),
    "names of the tests": "class Bag:\n    pass\nx = y = Bag()\nhelper = [Bag()]\n" + RIGHT,
    "settings": "np.seterr(all='ignore')\nnp.set_printoptions(precision=2)\n" + RIGHT,
}


# Right answers beside which something goes on: that is said, and costs nothing.
BESIDE = {
    "a bar": "from tqdm import tqdm\nfor _ in tqdm(range(3)):\n    pass\n" + RIGHT,
    "an open pool": "from concurrent.futures import ThreadPoolExecutor\n"
    "pool = ThreadPoolExecutor(2)\nprint(list(pool.map(abs, [1, 2])))\n" + RIGHT,
    "a timer": "import threading\nthreading.Timer(9, print).start()\n" + RIGHT,
}


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """{student: row of the table} of all of them."""
    reason = sandbox.refusal()
    if reason:
        pytest.skip(f"student code cannot be confined here: {reason}")
    where = teaching.tiny_course(tmp_path_factory.mktemp("forged"), source())
    release.release(where, "tiny")
    tried = {name: code for name, (code, _) in FORGERIES.items()} | HONEST | BESIDE
    students = {name: f"s{number:02}" for number, name in enumerate(tried)}
    for name, code in tried.items():
        answered = teaching.filled(where.released("tiny"), forged_answer=code)
        teaching.hand_in(where, "tiny", students[name], answered)
    work = mark.mark(where, "tiny", LIMITS, list(students.values()), "confined", say=str)
    asyncio.run(work)
    rows = {row["student"]: row for row in report.rows(where, "tiny")[1]}
    return {name: rows[student] for name, student in students.items()}


@pytest.mark.long
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_answer_earns_nothing_and_what_is_seen_is_said(marked, name):
    row = marked[name]
    assert row["points"] == "0", row
    assert FORGERIES[name][1] in row["reason"], row


@pytest.mark.long
@pytest.mark.parametrize("name", HONEST)
def test_a_right_answer_in_ones_own_way_earns_all(marked, name):
    assert (marked[name]["points"], marked[name]["reason"]) == ("4", ""), marked[name]


@pytest.mark.long
@pytest.mark.parametrize("name", BESIDE)
def test_what_goes_on_beside_a_right_answer_is_said_and_costs_nothing(marked, name):
    row = marked[name]
    assert (row["points"], row["status"]) == ("4", "marked"), row
    assert "a thread of its own" in row["reason"], row
