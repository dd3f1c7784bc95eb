"""The benchmark's command: every measurement in one run, a table for people and bench.json for machines."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

import typer

from broker.bench.ask import measure_acts
from broker.bench.decision import measure_decisions, measure_growth
from broker.bench.log import measure_logs
from broker.bench.pages import measure_pages
from broker.bench.sealing import measure_sealing
from broker.bench.startup import measure_startup
from broker.bench.strangers import measure_strangers
from broker.bench.table import Result, document_of, render
from broker.clock import system_clock
from broker.commands.output import spoken
from broker.kernel.errors import SettingsError
from broker.kernel.values import format_moment
from broker.policy.local import find_opa

Name = Literal["decision", "ask", "log", "pages", "sealing", "start-up", "strangers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    decisions: int
    clients: int
    asks: int
    releases: int
    ask_rounds: int
    logs: tuple[int, ...]
    log_rounds: int
    requests: int
    page_rounds: int
    sealings: int
    starts: int
    strangers: tuple[int, ...]
    half_open: int
    calls_among_strangers: int


_FULL = _Sizes(
    decisions=300,
    clients=8,
    asks=1_000,
    releases=100,
    ask_rounds=5,
    logs=(1_000, 100_000, 1_000_000),
    log_rounds=200,
    requests=100_000,
    page_rounds=100,
    sealings=500,
    starts=15,
    strangers=(40, 100),
    half_open=3_000,
    calls_among_strangers=60,
)
_QUICK = _Sizes(
    decisions=30,
    clients=4,
    asks=80,
    releases=40,
    ask_rounds=1,
    logs=(100, 1_000),
    log_rounds=20,
    requests=300,
    page_rounds=5,
    sealings=30,
    starts=2,
    strangers=(5,),
    half_open=20,
    calls_among_strangers=5,
)


def bench(
    *,
    quick: Annotated[bool, typer.Option(help="Small sizes, to see that it runs; the ratios mean little.")] = False,
    only: Annotated[Name | None, typer.Option(help="One measurement instead of all.")] = None,
) -> None:
    """Measure decisions, asking, the log, pages, sealing, start-up and strangers.

    Each against a yardstick. Takes the OPA program from OPA and the directory of PostgreSQL's programs from
    POSTGRES_BIN; what this machine lacks is said in the table. Exit 0 whatever the ratios are. A full run takes some
    eight to fourteen minutes and writes bench.json.
    """
    sizes, load, results = _QUICK if quick else _FULL, os.getloadavg()[0], []
    with spoken():
        for name, measure in _measurements(sizes).items():
            if only in (None, name):
                typer.echo(f"measuring {name}", err=True)
                results += list(measure())
    typer.echo(render(results))
    processors = os.cpu_count() or 1
    if load > processors / 4:
        typer.echo(f"The machine was busy before the run: a load of {load:.1f} on {processors} processors.", err=True)
    document = document_of(results, at=format_moment(system_clock()), load=load, sizes="quick" if quick else "full")
    Path("bench.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _measurements(sizes: _Sizes) -> dict[Name, Callable[[], Iterator[Result]]]:
    opa, programs = _opa(), _postgres()
    return {
        "decision": lambda: chain(
            measure_decisions(opa=opa, rounds=sizes.decisions), measure_growth(rounds=sizes.decisions)
        ),
        "ask": lambda: measure_acts(
            programs=programs,
            clients=sizes.clients,
            asks=sizes.asks,
            releases=sizes.releases,
            rounds=sizes.ask_rounds,
        ),
        "log": lambda: measure_logs(programs=programs, sizes=sizes.logs, rounds=sizes.log_rounds),
        "pages": lambda: measure_pages(programs=programs, requests=sizes.requests, rounds=sizes.page_rounds),
        "sealing": lambda: measure_sealing(rounds=sizes.sealings),
        "start-up": lambda: measure_startup(rounds=sizes.starts),
        "strangers": lambda: measure_strangers(
            strangers=sizes.strangers, calls=sizes.calls_among_strangers, half_open=sizes.half_open
        ),
    }


def _opa() -> Path | None:
    try:
        return Path(find_opa())
    except SettingsError:
        return None


def _postgres() -> Path | None:
    named = os.environ.get("POSTGRES_BIN")
    return Path(named) if named else None
