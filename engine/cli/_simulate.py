"""Simulated shows: the hall under random faults, on virtual time."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from engine.cli._base import out, progress_bar, refuse
from engine.simulation import FAULTS, PLANTS, Simulated, simulate_many


def simulate(
    shows: Annotated[int, typer.Option(help="How many.", min=1)] = 300,
    seed: Annotated[int, typer.Option(help="Of the first; each has the next.")] = 0,
    plant: Annotated[
        str, typer.Option(help=f"A bug to be found: {', '.join(PLANTS)}.", show_default=False)
    ] = "",
    story: Annotated[bool, typer.Option("--story", help="Tell every show in words.")] = False,
) -> None:
    """Run whole shows on virtual time under random faults, and check what must hold in all.

    Status 0 only if it held in every show. A show that failed is told in words, with the command
    that shows it again.
    """
    if plant and plant not in PLANTS:
        refuse(f"there is no bug {plant} to plant; there are: {', '.join(PLANTS)}")
    failed: list[Simulated] = []
    faults: Counter[str] = Counter()
    cpu_s = hall_s = 0.0
    with progress_bar() as progress:
        task = progress.add_task("simulating", total=shows)
        for done in simulate_many(range(seed, seed + shows), plant):
            progress.advance(task)
            cpu_s, hall_s = cpu_s + done.cpu_s, hall_s + done.hall_s
            faults.update(done.faults)
            if story:
                out.print(_told(done), highlight=False, soft_wrap=True)
            if done.broken:
                failed.append(done)
    _print_faults(faults)
    out.print(
        f"{shows} shows, {hall_s / 3600:.1f} hours of hall time; "
        f"{cpu_s / shows:.2f} CPU seconds a show"
    )
    for one in sorted(failed, key=lambda one: one.seed)[:3]:
        out.print(_told(one), highlight=False, soft_wrap=True)
        planted = f" --plant {plant}" if plant else ""
        out.print(f"again: hall simulate --shows 1 --seed {one.seed} --story{planted}\n")
    if failed:
        refuse(f"{len(failed)} of {shows} shows broke what must hold")
    out.print("[green]everything held in all of them[/]")


def _told(one: Simulated) -> str:
    return escape("\n".join([f"seed {one.seed}", *one.story]))


def _print_faults(faults: Counter[str]) -> None:
    table = Table("what befell them", "times", box=None)
    for name in FAULTS:
        table.add_row(name, str(faults[name]))
    out.print(table)
