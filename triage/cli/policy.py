"""Commands around policy packs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from triage.cli.shell import (
    CHECK_FAILED,
    WRONG_USE,
    PolicyOption,
    faults_told,
    group,
    print_bytes,
    print_json,
    say,
)
from triage.domain.errors import BadInput, Problem

policy_app = group("policy", "Check, test and read policy packs.")


@policy_app.command("check")
def policy_check(
    packs: Annotated[
        Optional[list[str]], typer.Argument(help="Pack ids or files; those that ship unless given.")
    ] = None,
) -> None:
    """Check packs: shape, conditions, references. Every fault at once, with file and line; exit 1 if any."""
    with faults_told():
        from triage.bootstrap import build
        from triage.domain.errors import PackFault

        shelf = build().shelf
        failed = False
        for name in packs or shelf.ids():
            try:
                pack = shelf.find_or_raise(name)
            except PackFault as error:
                failed = True
                for fault in error.problems:
                    print(f"{name}: {fault}")
            else:
                print(f"{name}: ok, {len(pack.clauses)} clauses, {len(pack.units)} units, version {pack.version}")
        if failed:
            raise typer.Exit(CHECK_FAILED)


@policy_app.command("test")
def policy_test(paths: Annotated[list[Path], typer.Argument(help="Scenario files, or folders of them.")]) -> None:
    """Run scenarios against the packs; exit 1 when one differs, 2 when one cannot be used. All others are run."""
    with faults_told():
        from triage.bootstrap import packs_and_hours
        from triage.policy.scenarios.run import run_scenarios

        passed = failed = 0
        try:
            for outcome in run_scenarios(paths, *packs_and_hours()):
                passed += not outcome.differences
                failed += bool(outcome.differences)
                _print_differences(outcome)
        finally:
            print(f"{passed} passed, {failed} failed")
        if not passed + failed:
            raise BadInput("scenarios", [Problem((), "no scenario found in " + ", ".join(map(str, paths)))])
        if failed:
            raise typer.Exit(CHECK_FAILED)


def _print_differences(outcome: Any) -> None:
    if outcome.differences:
        print(f"FAILED {outcome.file}:{outcome.scenario.line} {outcome.scenario.name}")
    for difference in outcome.differences:
        print(f"  {difference}")


@policy_app.command("explain")
def policy_explain(policy: Annotated[str, typer.Argument(help="Pack id or file.")]) -> None:
    """Print a pack in Chinese, as a person reads it."""
    with faults_told():
        from triage.bootstrap import build
        from triage.policy.pack.explain import explain

        service = build()
        names = {one.id: one.name for one in service.taxonomy.categories.values()}
        print(explain(service.shelf.find_or_raise(policy), names))


@policy_app.command("judge")
def policy_judge(
    file: Annotated[Path, typer.Argument(help="A .json order with its events, or a .jsonl file of them.")],
    policy: PolicyOption,
    as_of: Annotated[Optional[str], typer.Option(help="Judge at this time, not at the order's own.")] = None,
) -> None:
    """Where an order stands: who decides next, what is owed, who is told, whether it may be closed and why not."""
    with faults_told():
        from pydantic import TypeAdapter

        from triage.bootstrap import packs_and_hours
        from triage.desk.standing import Standing, standings

        adapter, indent = TypeAdapter(Standing), None if file.suffix == ".jsonl" else 2
        for one in standings(file, policy, as_of, *packs_and_hours()):
            print_bytes(adapter.dump_json(one, indent=indent))


@policy_app.command("coverage")
def policy_coverage(
    examples: Annotated[Path, typer.Argument(help="A folder with scenarios, figures and bulletins.")],
    policies: Annotated[Optional[list[str]], typer.Argument(help="Pack ids; all unless given.")] = None,
) -> None:
    """Of every clause, what enforces it and which example shows it, as Markdown; exit 1 where one is not shown."""
    with faults_told():
        from triage.bootstrap import packs_and_hours
        from triage.policy.coverage.rows import page, read_examples, rows

        shelf, hours = packs_and_hours()
        read = read_examples(examples, shelf, hours)
        lacking = False
        for policy in policies or shelf.ids():
            pack = shelf.get_or_raise(policy)
            found = list(rows(pack, read))
            print(page(pack, found))
            lacking = lacking or any(row.lacking for row in found)
        if lacking:
            raise typer.Exit(CHECK_FAILED)


@policy_app.command("replay")
def policy_replay(
    policy: Annotated[str, typer.Option("--policy", help="Whose past orders they are.")],
    pack: Annotated[str, typer.Option(help="The changed pack: a file, or another pack's id.")],
    data: Annotated[Path, typer.Option(help="JSON lines: order, facts, events, as_of, as in a scenario.")],
    refusals: Annotated[bool, typer.Option(help="Also compare which events would have been refused; slower.")] = False,
    as_of: Annotated[Optional[str], typer.Option(help="Judge all orders at this time, not at their own.")] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; as many as there are cores unless given.")] = 0,
) -> None:
    """What a changed pack would have decided on past orders: counts and examples; exit 2 where rows are unusable."""
    with faults_told():
        from triage.bootstrap import packs_and_hours
        from triage.desk.replays import Wanted, replay_file

        wanted = Wanted(policy, pack, refusals, as_of)
        report = replay_file(data, packs_and_hours, wanted, say, workers)
        print_json(report)
        if report["rejected"]:
            raise typer.Exit(WRONG_USE)
