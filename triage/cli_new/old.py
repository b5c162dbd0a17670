"""The command line. Everything heavy is imported inside its command, so that --help answers at once."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Optional, TypeVar

import typer

from triage.domain.errors import BadInput, ModelFault, Problem

app = typer.Typer(
    name="triage",
    help="Triage and dispatch of 12345 citizen-hotline orders, with the clause for everything.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
policy_app = typer.Typer(help="Check, test and read policy packs.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(policy_app, name="policy")

CHECK_FAILED = 1
WRONG_USE = 2

PolicyOption = Annotated[str, typer.Option("--policy", help="Jurisdiction, e.g. nanmatou.")]
DataOption = Annotated[Path, typer.Option("--data", help="CSV file, UTF-8 or GB18030.")]
ModelOption = Annotated[Path, typer.Option("--model", help="Model folder.")]


Given = TypeVar("Given")


def main() -> None:
    """Run the command line."""
    # Before numpy is imported: all our dense products are small, and a second thread only waits for the first.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    app()


@app.command()
def decide(
    policy: Annotated[Optional[str], typer.Option(help="Jurisdiction, where the input does not name it.")] = None,
    text: Annotated[Optional[str], typer.Option(help="The complaint's text; received now.")] = None,
    file: Annotated[Optional[Path], typer.Option(help="A .json order or request, or a .jsonl file of them.")] = None,
    source: Annotated[Optional[str], typer.Argument(metavar="[-]", help="- reads standard input.")] = None,
) -> None:
    """Decide orders: category, unit, who decides, what is owed by when, and why. Nothing is stored."""
    with _faults_told():
        from pydantic import TypeAdapter

        from triage.bootstrap import build
        from triage.desk.inputs import read_inputs
        from triage.domain.decisions import Decision
        from triage.domain.moments import SHANGHAI

        service, adapter = build(), TypeAdapter(Decision)
        inputs = read_inputs(
            policy=policy,
            text=text,
            file=file,
            source=source,
            stdin=sys.stdin.buffer,
            policies=service.shelf.ids(),
            now=datetime.now(SHANGHAI),
        )
        for request in inputs.requests:
            _print_bytes(adapter.dump_json(service.decide(request), indent=None if inputs.by_line else 2))


@app.command()
def review(
    file: Annotated[Path, typer.Argument(help="A .json reply with its order, or a .jsonl file of them.")],
    policy: PolicyOption,
) -> None:
    """Look over a unit's reply by the eight checks (八审). It assists whoever reviews; it decides nothing."""
    with _faults_told():
        from pydantic import TypeAdapter

        from triage.bootstrap import build
        from triage.desk.reviews import Review, read_replies, review_of

        adapter = TypeAdapter(Review)
        given = read_replies(file, policy, build().shelf.ids())
        for request in given.requests:
            _print_bytes(adapter.dump_json(review_of(request, policy), indent=None if given.by_line else 2))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    demo: Annotated[bool, typer.Option("--demo", help="Open demo, on a loopback address only.")] = False,
) -> None:
    """Serve the API and the page at /. For now an open demo: it listens on loopback addresses only."""
    with _faults_told():
        from api.server import run

        run(host, port, on_ready=lambda url: print(f"ready: {url}", flush=True))


class Target(StrEnum):
    """What `triage train` can fit."""

    CLASSIFIER = "classifier"
    ENCODER = "encoder"
    PAIRS = "pairs"


@app.command()
def train(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    label: Annotated[Optional[str], typer.Option(help="Column with the right answers (classifier).")] = None,
    text: Annotated[str, typer.Option(help="Text columns, with commas.")] = "title,text",
    precision: Annotated[float, typer.Option(min=0.5, max=0.999, help="Promised where it decides alone.")] = 0.97,
    target: Annotated[Target, typer.Option(help="What to fit.")] = Target.CLASSIFIER,
    issues: Annotated[Optional[Path], typer.Option(help="CSV file: id, issue_id (encoder).")] = None,
    pairs: Annotated[Optional[Path], typer.Option(help="CSV file: id_a, id_b, same as 1 or 0 (pairs).")] = None,
    policy: Annotated[Optional[str], typer.Option(help="Jurisdiction whose places are known (pairs).")] = None,
    seed: Annotated[int, typer.Option(help="For what is drawn by chance (encoder).")] = 0,
) -> None:
    """Fit a classifier for the labels of one column, or tune the encoder or the pair model of issues."""
    with _faults_told():
        columns = [name.strip() for name in text.split(",")]
        if target is Target.ENCODER:
            from training.encoder import tune

            _print_json(tune(data, columns, out, _say, issues=issues, seed=seed))
        elif target is Target.PAIRS:
            from training.pair_model import Beginning, tune_pairs
            from triage.bootstrap import build

            service = build()
            begin = Beginning(
                service.places(policy),
                service.new_encoder,
                service.new_grouping,
                lambda title, text: service.likely_categories([(title, text)])[0],
            )
            _print_json(tune_pairs(data, columns, out, _say, pairs=_given("--pairs", pairs), beginning=begin))
        else:
            from training.apply import train as fit

            _print_json(fit(data, columns, _given("--label", label), out, _say, precision))


@app.command()
def issues(
    data: DataOption,
    out: Annotated[Path, typer.Option(help="CSV file to write: id, issue_id.")],
    details: Annotated[Optional[Path], typer.Option(help="JSON file to write: every issue, hottest first.")] = None,
    policy: Annotated[Optional[str], typer.Option(help="Jurisdiction whose places are known.")] = None,
) -> None:
    """Group messages into issues: the same matter at the same place. A row that stands alone is an issue of its own."""
    with _faults_told():
        from triage.bootstrap import build
        from triage.desk.issue_files import details_of, group_file
        from triage.desk.tables import write_table, write_text

        service = build()
        places = service.places(policy)
        grouped = group_file(data, service.new_linker(places), service.likely_categories, _say)
        write_table(out, ["id", "issue_id"], grouped.rows())
        if details is not None:
            write_text(details, json.dumps(details_of(grouped, places), ensure_ascii=False, indent=1))
        _print_json(grouped.totals() | {"out": str(out)})


@app.command()
def forecast(
    data: DataOption,
    until: Annotated[Optional[datetime], typer.Option(formats=["%Y-%m-%d"], help="Last whole day.")] = None,
    days: Annotated[int, typer.Option(min=1, max=28, help="How many days ahead.")] = 7,
    per_week: Annotated[float, typer.Option(min=0.01, max=100, help="False alarms a week that are put up with.")] = 1.0,
) -> None:
    """What rises suddenly, how many orders the coming days bring, and what to look at beforehand."""
    with _faults_told():
        from triage.bootstrap import build
        from triage.desk.trend_files import forecast_file

        last = None if until is None else until.date()
        _print_json(forecast_file(data, last, days, per_week, build().is_day_off))


@app.command()
def predict(
    model: ModelOption,
    data: DataOption,
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
) -> None:
    """Add label, confidence, auto and set to every row; the order of rows is kept."""
    with _faults_told():
        from training.apply import predict as apply

        _print_json({"rows": apply(model, data, out, _say), "out": str(out)})


@app.command()
def evaluate(
    model: ModelOption,
    data: DataOption,
    label: Annotated[str, typer.Option(help="Column with the right answers.")],
) -> None:
    """Accuracy, macro-F1, figures per class, and whether the model's promises hold."""
    with _faults_told():
        from training.apply import evaluate as measure

        _print_json(measure(model, data, label, _say))


@policy_app.command("check")
def policy_check(
    packs: Annotated[
        Optional[list[str]], typer.Argument(help="Pack ids or files; those that ship unless given.")
    ] = None,
) -> None:
    """Check packs: shape, conditions, references. Every fault at once, with file and line; exit 1 if any."""
    with _faults_told():
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
    with _faults_told():
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
    with _faults_told():
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
    with _faults_told():
        from pydantic import TypeAdapter

        from triage.bootstrap import packs_and_hours
        from triage.desk.standing import Standing, standings

        adapter, indent = TypeAdapter(Standing), None if file.suffix == ".jsonl" else 2
        for one in standings(file, policy, as_of, *packs_and_hours()):
            _print_bytes(adapter.dump_json(one, indent=indent))


@policy_app.command("coverage")
def policy_coverage(
    examples: Annotated[Path, typer.Argument(help="A folder with scenarios, figures and bulletins.")],
    policies: Annotated[Optional[list[str]], typer.Argument(help="Pack ids; all unless given.")] = None,
) -> None:
    """Of every clause, what enforces it and which example shows it, as Markdown; exit 1 where one is not shown."""
    with _faults_told():
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
    with _faults_told():
        from triage.bootstrap import packs_and_hours
        from triage.desk.replays import Wanted, replay_file

        wanted = Wanted(policy, pack, refusals, as_of)
        report = replay_file(data, packs_and_hours, wanted, _say, workers)
        _print_json(report)
        if report["rejected"]:
            raise typer.Exit(WRONG_USE)


def _given(option: str, value: Given | None) -> Given:
    if value is None:
        raise BadInput("train", [Problem((option,), "is needed for this target")])
    return value


@contextmanager
def _faults_told() -> Iterator[None]:
    """Bad input ends with exit 2 and a message that names the thing, on standard error."""
    try:
        yield
    except BadInput as error:
        print(f"triage: {error.message}", file=sys.stderr)
        for fault in error.problems:
            print(f"  {fault}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None
    except ModelFault as error:
        print(f"triage: {error}", file=sys.stderr)
        raise typer.Exit(WRONG_USE) from None


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _print_bytes(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
