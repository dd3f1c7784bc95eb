"""What the cases notice: each policy rule and each row of law is broken once, and a case must fail for it.

A mutant is the policies with one thing changed: a rule or an `else` of it left out, a condition left out, a condition
negated, or a row of a table left out. It is killed when a case, or an `opa test` beside the cases, no longer holds. One
that does not compile says nothing and is not counted. `make mutate` runs them all and lists those that survive.
"""

from __future__ import annotations

import argparse
import base64
import copy
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from test_cases import CASES, Case, observed
from test_coverage import TEST, write_cases

from broker.kernel.errors import BrokerError
from broker.policy.bundle import ENTRYPOINT, Bundle, load_bundle, policies_path
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.policy.local import find_opa

GOAL = 0.95
"""The share of mutants that must be killed."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the bytes from `start` to `end` of a rule's file become `text`, or the row at `path` is gone."""

    kind: str
    file: str
    row: int
    before: str
    start: int = 0
    end: int = 0
    text: str = ""
    path: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        """Return where it is and what was there, on one line."""
        return f"{self.file}:{self.row}: {self.kind}: {' '.join(self.before.split())[:100]}"


def mutants_of_rules(program: str, rules: Path) -> Iterator[Mutant]:
    """Yield every mutant of the rules below the folder, in the order of the files."""
    for path in sorted(rules.rglob("*.rego")):
        command = [program, "parse", "--format", "json", "--json-include", "locations", str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        source = path.read_bytes()
        name = path.relative_to(rules).as_posix()
        for rule in json.loads(run.stdout)["rules"]:
            yield _mutant("rule left out", name, source, rule["location"], "")
            for branch in _branches(rule):
                yield _mutant("else left out", name, source, branch["location"], "")
            for expression in _expressions(rule):
                yield from _mutants_of_condition(name, source, expression["location"])


def mutants_of_tables(data: Mapping[str, Any]) -> Iterator[Mutant]:
    """Yield a mutant for each row of law: a row is what names its source."""
    for path in _rows(data["law"], ("law",)):
        yield Mutant("row left out", "/".join(map(str, path[:2])), 0, "/".join(map(str, path[2:])), path=path)


def _rows(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if isinstance(node, dict) and "source" in node:
        yield path
    elif isinstance(node, dict | list):
        for step, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _rows(value, (*path, step))


def _branches(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    while branch := rule.get("else"):
        yield branch
        rule = branch


def _expressions(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every condition of a rule, those in comprehensions too, each once."""
    if isinstance(node, dict):
        if "terms" in node and "index" in node and "location" in node:
            yield node
        for value in node.values():
            yield from _expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _expressions(value)


def _mutants_of_condition(name: str, source: bytes, location: Mapping[str, Any]) -> Iterator[Mutant]:
    text = _text(location)
    if text.startswith(("some ", "default")) or text == "true":
        return
    yield _mutant("condition left out", name, source, location, "true")
    if ":=" not in text.split("\n", 1)[0]:
        yield _mutant(
            "condition negated", name, source, location, text[4:] if text.startswith("not ") else f"not {text}"
        )


def _mutant(kind: str, name: str, source: bytes, location: Mapping[str, Any], text: str) -> Mutant:
    before = _text(location)
    lines = source.split(b"\n")
    start = sum(len(line) + 1 for line in lines[: location["row"] - 1]) + location["col"] - 1
    end = start + len(before.encode())
    if source[start:end] != before.encode():
        raise ValueError(f"{name}:{location['row']} is not where OPA says it is")
    return Mutant(kind, name, location["row"], before, start, end, text)


def _text(location: Mapping[str, Any]) -> str:
    return base64.b64decode(location["text"]).decode()


@cache
def _whole() -> Bundle:
    return load_bundle(policies_path())


def verdict(mutant: Mutant, *, program: str, beside: bool = True) -> str:
    """Return "killed", "survived" or "invalid" for one mutant; `beside` asks the `opa test` beside the cases too."""
    with tempfile.TemporaryDirectory() as folder:
        policies = shutil.copytree(policies_path(), folder, dirs_exist_ok=True)
        if mutant.path:
            data = _without(mutant.path)
            table = Path(policies) / "data" / mutant.file / "data.yaml"
            table.write_text(json.dumps(data["law"].get(mutant.path[1], {})))
            noticed = _is_noticed(replace(_whole(), data=data), "")
            return "killed" if noticed or (beside and _is_noticed_beside(program, Path(policies))) else "survived"
        path = Path(policies) / "sharing" / mutant.file
        source = path.read_bytes()
        path.write_bytes(source[: mutant.start] + mutant.text.encode() + source[mutant.end :])
        built = Path(folder) / "mutant.tar.gz"
        command = [program, "build", "--target", "wasm", "--entrypoint", ENTRYPOINT, "--ignore", "cases.yaml"]
        run = subprocess.run(
            [*command, "--output", str(built), "data", "sharing"], cwd=policies, capture_output=True, check=False
        )
        if run.returncode != 0:
            return "invalid"
        with tarfile.open(built) as archive:
            wasm = archive.extractfile("/policy.wasm")
            assert wasm is not None
            bundle = replace(_whole(), wasm=wasm.read())
        if _is_noticed(bundle, path.parent.name) or (beside and _is_noticed_beside(program, Path(policies))):
            return "killed"
        return "survived"


def _without(path: tuple[str | int, ...]) -> Mapping[str, Any]:
    data = copy.deepcopy(dict(_whole().data))
    node: Any = data
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    return data


def _is_noticed(bundle: Bundle, dimension: str) -> bool:
    """Return whether a case no longer holds; those of the same dimension are asked first, being the likeliest."""
    gate = PolicyGate(engine=EmbeddedEngine(bundle), bundle=bundle, policies=policies_path())
    return any(_fails(gate, case) for case in sorted(CASES, key=lambda case: case.dimension != dimension))


def _fails(gate: PolicyGate, case: Case) -> bool:
    expected = case.expected()
    try:
        seen = observed(gate, case)
    except BrokerError:
        return True
    return {name: seen.get(name) for name in expected} != expected


def _is_noticed_beside(program: str, policies: Path) -> bool:
    cases = write_cases(policies / "cases.json")
    command = [program, "test", "--ignore", "cases.yaml", "--timeout", "60s", "--run", "test_[a-z]*_"]
    sources = [str(policies / "sharing"), str(policies / "data"), str(TEST), str(cases)]
    return subprocess.run([*command, *sources], capture_output=True, check=False).returncode != 0


def main() -> None:
    """Run every mutant, or those of the named files, and end with 1 when too few are killed."""
    parser = argparse.ArgumentParser(description="break each policy rule once and see whether a case fails")
    parser.add_argument("files", nargs="*", help="files below policies/sharing, or law/<table>; all when none is named")
    files = parser.parse_args().files
    program = find_opa()
    everything = [*mutants_of_rules(program, policies_path() / "sharing"), *mutants_of_tables(_whole().data)]
    mutants = [mutant for mutant in everything if not files or mutant.file in files]
    count: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for mutant, found in zip(mutants, pool.map(partial(verdict, program=program), mutants), strict=True):
            count[found] += 1
            if found == "survived":
                sys.stdout.write(f"survived: {mutant}\n")
                sys.stdout.flush()
    judged = count["killed"] + count["survived"]
    share = count["killed"] / judged if judged else 0.0
    sys.stdout.write(
        f"{count['killed']} of {judged} mutants killed ({share:.1%}); {count['invalid']} did not compile.\n"
    )
    sys.exit(0 if share >= GOAL else 1)


if __name__ == "__main__":
    main()
