"""House rules that a reader of one module can check: each rule finds its planted breach, and the broker has none.

A rule takes a path and a parsed module and names each breach by line. The planted breach keeps a rule from passing
because it looks at nothing; the lawful twin beside it keeps it from refusing everything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

Rule = Callable[[str, ast.Module], Iterator[int]]

FORBIDDEN_ENDING = re.compile(r"(Manager|Helper|Handler|Util|Utils|Service|Data|Info)$")
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception", "log"}


def clock_is_read_in_one_place(path: str, tree: ast.Module) -> Iterator[int]:
    """Let only the clock itself, the demo and the commands read the time; all else is handed the moment."""
    may_read = path == "broker/clock.py" or path.startswith(("broker/demo/", "broker/commands"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).rsplit(".", 1)[-1]
            reads = (owner in {"datetime", "date"} and node.attr in {"now", "today"}) or (
                owner == "time" and node.attr in {"time", "time_ns"}
            )
            if node.attr in {"utcnow", "utcfromtimestamp"} or (reads and not may_read):
                yield node.lineno


def exception_is_caught_whole_at_the_edge_only(path: str, tree: ast.Module) -> Iterator[int]:
    """Keep bare except, Exception and BaseException to where a call or a round of a keeper ends, which say so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and path not in {"broker/api/problems.py", "broker/keeper.py"}:
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(one is None or ast.unparse(one) in {"Exception", "BaseException"} for one in caught):
                yield node.lineno


def database_is_spoken_to_by_the_store_only(path: str, tree: ast.Module) -> Iterator[int]:
    """Keep `.commit(` and `.execute(` under broker/store/, its migrations included."""
    if path.startswith("broker/store/"):
        return
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in {"commit", "execute"}:
            yield called.lineno


def class_is_named_for_what_it_is(_path: str, tree: ast.Module) -> Iterator[int]:
    """Refuse a class name that ends in a word that fits every class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and FORBIDDEN_ENDING.search(node.name):
            yield node.lineno


def log_text_is_a_fixed_code(_path: str, tree: ast.Module) -> Iterator[int]:
    """Keep values out of the text of a log call, by f-string, `%` or format: they travel in `extra`."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner = ast.unparse(node.func.value).rsplit(".", 1)[-1].lower()
        if node.func.attr not in LOG_METHODS or "log" not in owner:
            continue
        text = node.args[1] if node.func.attr == "log" and len(node.args) > 1 else node.args[0]
        interpolates = isinstance(text, ast.Constant) and "%" in str(text.value)
        formats = isinstance(text, ast.Call) and ast.unparse(text.func).endswith(".format")
        if interpolates or formats or isinstance(text, ast.JoinedStr | ast.BinOp):
            yield node.lineno


def public_things_have_a_docstring(_path: str, tree: ast.Module) -> Iterator[int]:
    """Require every module, public class, public function and public method to say what it promises.

    What overrides a method of a port promises what the port says.
    """
    if ast.get_docstring(tree) is None:
        yield 1
    pending: list[ast.stmt] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If):
            pending += [*node.body, *node.orelse]
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        elsewhere = any(ast.unparse(one).endswith(("overload", "override")) for one in node.decorator_list)
        if not elsewhere and not ast.get_docstring(node):
            yield node.lineno
        if isinstance(node, ast.ClassDef):
            pending += node.body


PLANTED = [
    (clock_is_read_in_one_place, "at = datetime.now(UTC)", "at = clock.now()"),
    (clock_is_read_in_one_place, "clock = datetime.datetime.utcnow", "at = datetime.fromisoformat(text)"),
    (clock_is_read_in_one_place, "at = time.time()", "at = time.monotonic()"),
    (exception_is_caught_whole_at_the_edge_only, "try: f()\nexcept Exception: pass", "try: f()\nexcept OSError: pass"),
    (exception_is_caught_whole_at_the_edge_only, "try: f()\nexcept: pass", "try: f()\nfinally: g()"),
    (exception_is_caught_whole_at_the_edge_only, "try: f()\nexcept (E, BaseException): pass", "raise Exception"),
    (database_is_spoken_to_by_the_store_only, "connection.execute(q)", "execute(q)"),
    (database_is_spoken_to_by_the_store_only, "self.session.commit()", "commit = 1"),
    (class_is_named_for_what_it_is, "class ReleaseManager: pass", "class Release: pass"),
    (class_is_named_for_what_it_is, "class CaseInfo: pass", "class Information: pass"),
    (log_text_is_a_fixed_code, 'log.info(f"asked {x}")', 'log.info("request.asked", extra={"request": x})'),
    (log_text_is_a_fixed_code, 'log.info("asked %s", x)', 'page.info(f"asked {x}")'),
    (log_text_is_a_fixed_code, '_logger.error("asked " + x)', "self.log.append(f(x))"),
    (log_text_is_a_fixed_code, 'log.log(10, "asked {}".format(x))', 'log.log(10, "request.asked")'),
    (public_things_have_a_docstring, '"""M."""\ndef f(): pass', '"""M."""\ndef _f(): pass'),
    (public_things_have_a_docstring, "x = 1", '"""M."""\nx = 1'),
    (
        public_things_have_a_docstring,
        '"""M."""\nclass C:\n    """C."""\n    def f(self): pass',
        '"""M."""\nclass C:\n    """C."""\n    def __init__(self): pass',
    ),
]
RULES = sorted({rule for rule, _, _ in PLANTED}, key=lambda rule: rule.__name__)


@pytest.mark.parametrize(("rule", "breach", "lawful"), PLANTED)
def test_rule_finds_the_planted_breach_and_no_more(rule: Rule, breach: str, lawful: str) -> None:
    assert list(rule("broker/flows/planted.py", ast.parse(breach)))
    assert not list(rule("broker/flows/planted.py", ast.parse(lawful)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_broker_keeps_the_rule(rule: Rule, broker_modules: dict[str, ast.Module]) -> None:
    breaches = [f"{path}:{line}" for path, tree in broker_modules.items() for line in rule(path, tree)]

    assert not breaches, f"{rule.__doc__}\n" + "\n".join(breaches)


def test_clock_may_be_read_where_the_wiring_is_made() -> None:
    tree = ast.parse("clock = lambda: datetime.now(UTC)")

    assert not list(clock_is_read_in_one_place("broker/clock.py", tree))
    assert list(clock_is_read_in_one_place("broker/clock.py", ast.parse("datetime.utcnow()")))
