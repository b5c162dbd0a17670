"""Commands of the learning loop: fit a challenger, let it answer, go back, and tell which model answers and why."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import CHECK_FAILED, app, faults_told, print_json, say
from triage.domain.errors import BadInput, Conflict, Problem, TriageError
from triage.domain.people import Actor
from triage.domain.vocabulary import Role

if TYPE_CHECKING:
    from triage.bootstrap import Service
    from triage.desk.learning.champion import Promotion
    from triage.desk.learning.lessons import Lesson
    from triage.records.ledger import Ledger

WhyOption = Annotated[str, typer.Option("--why", help="Why; it stays in the ledger.")]


@app.command()
def retrain(
    policy: Annotated[Optional[str], typer.Option("--policy", help="Jurisdiction whose kept orders teach.")] = None,
    database: DatabaseOption = None,
    data: Annotated[Optional[Path], typer.Option("--data", help="CSV file that teaches instead.")] = None,
    text: Annotated[str, typer.Option(help="Text columns of the file, with commas.")] = "title,text",
    label: Annotated[Optional[str], typer.Option(help="Column with categories, by id or name.")] = None,
    time: Annotated[Optional[str], typer.Option(help="Column with times; the newest rows are judged by.")] = None,
    name: Annotated[Optional[str], typer.Option(help="Name of the model; the policy's or file's unless given.")] = None,
    precision: Annotated[float, typer.Option(min=0.5, max=0.999, help="Promised where it decides alone.")] = 0.97,
    seed: Annotated[int, typer.Option(help="For what is drawn by chance.")] = 0,
) -> None:
    """Fit a challenger on kept orders or a table, judge it beside the model that answers, and register it."""
    with faults_told():
        from training.registry.store import refuse_without_mlflow

        refuse_without_mlflow("retrain")
        if (policy is None) == (data is None):
            raise BadInput("retrain", [Problem(("--policy",), "either a policy or --data says what teaches")])
        with _opened(database) as (service, ledger, url):
            lessons = _of_table(service, data, text, label, time) if data else _of_ledger(service, url, str(policy))
            source = f"ledger of {policy}" if data is None else f"table {data.name}"
            print_json(
                _retrained(service, ledger, name or policy or Path(str(data)).stem, source, lessons, precision, seed)
            )


@app.command()
def promote(
    name: Annotated[str, typer.Argument(help="Name of the model.")],
    version: Annotated[str, typer.Argument(help="Its version.")],
    why: WhyOption,
    database: DatabaseOption = None,
) -> None:
    """Let a model that the gate passed answer from now on; exit 1 with the reasons where it may not."""
    with faults_told(), _opened(database) as (service, ledger, _), _refusals_told():
        from triage.desk.learning.champion import promote as put_down

        done = put_down(name, version, why, shelf=service.models, ledger=ledger, by=_by(), try_on=service.try_on)
        _told(service, ledger, done)


@app.command()
def rollback(why: WhyOption, database: DatabaseOption = None) -> None:
    """Let the model answer again that answered before the latest promotion; exit 1 with the reasons where it cannot."""
    with faults_told(), _opened(database) as (service, ledger, _), _refusals_told():
        from triage.desk.learning.champion import roll_back

        _told(service, ledger, roll_back(why, shelf=service.models, ledger=ledger, by=_by(), try_on=service.try_on))


@app.command()
def models(database: DatabaseOption = None) -> None:
    """Print which model answers, which others are at hand, and who promoted what and why; exit 1 where a promoted model
    does not answer."""
    with faults_told(), _opened(database) as (service, ledger, _):
        from triage.desk.learning.champion import promotions
        from triage.desk.learning.verdict import verdict_of

        with ledger.database.reading() as connection:
            history = promotions(connection)
        _follow(service, history)
        answering = service.following(ledger.database).now
        serving = answering.model.name, answering.model.version
        shown = []
        for one in service.models:
            verdict = verdict_of(one)
            against = None if verdict is None else [asdict(reason) for reason in verdict.reasons]
            of_one = {"name": one.name, "version": one.version, "digest": one.digest, "folder": str(one.folder)}
            shown.append({**of_one, "serving": (one.name, one.version) == serving, "gate": against})
        print_json(
            {
                "serving": dict(zip(("name", "version"), serving, strict=True)),
                "models": shown,
                "history": [_line(one) for one in reversed(history)],
                "faults": list(answering.faults),
            }
        )
        if answering.faults:
            raise typer.Exit(CHECK_FAILED)


def _retrained(
    service: Service,
    ledger: Ledger,
    name: str,
    source: str,
    lessons: Sequence[Lesson],
    precision: float,
    seed: int,
) -> dict[str, Any]:
    from time import thread_time

    import numpy as np

    from training.registry.store import Registry
    from training.retraining.retrain import Bench
    from training.retraining.retrain import retrain as fit
    from training.taxonomy import read_taxonomy
    from triage.bootstrap import default_model
    from triage.desk.learning.champion import promotions

    with ledger.database.reading() as connection:
        history = promotions(connection)
    bench = Bench(
        shelf=service.models,
        written=read_taxonomy(),
        words=default_model(),
        registry=Registry(service.settings.models, service.settings.mlflow),
        rng=np.random.default_rng(seed),
        clock=thread_time,
        say=say,
    )
    bench.shelf.folder_of(name, "0")  # a name that no folder can have is told before anything is fitted
    told = fit(name, source, lessons, history, bench, precision=precision).told()
    _follow(service, history)
    return told


def _of_table(service: Service, data: Path, text: str, label: str | None, time: str | None) -> list[Lesson]:
    from training.retraining.table import lessons_of_table

    if label is None:
        raise BadInput("retrain", [Problem(("--label",), "is needed with --data")])
    columns = [name.strip() for name in text.split(",")]
    return lessons_of_table(data, columns, label, time, service.taxonomy, say)


def _of_ledger(service: Service, url: str, policy: str) -> list[Lesson]:
    from triage.desk.learning.lessons import lessons

    books = service.books(url)
    try:
        return list(lessons(books, policy, until=books.now()))
    finally:
        books.ledger.database.close()


def _told(service: Service, ledger: Ledger, done: Promotion) -> None:
    from triage.desk.learning.champion import promotions

    with ledger.database.reading() as connection:
        _follow(service, promotions(connection))
    if service.settings.model is not None:
        say(f"TRIAGE_MODEL names {service.settings.model}, which answers until it is unset")
    print_json(_line(done))


def _follow(service: Service, history: Sequence[Promotion]) -> None:
    """Let MLflow's aliases say what the ledger says. The ledger has it already: where the store is missing or broken,
    that is said and nothing is lost."""
    from training.registry.store import Registry, is_installed

    registry = Registry(service.settings.models, service.settings.mlflow)
    if not is_installed() or not registry.exists:
        return
    try:
        registry.follow(history)
    except TriageError as error:
        say(f"the aliases are set the next time: {error}")


def _line(promotion: Promotion) -> dict[str, Any]:
    return {**asdict(promotion), "at": promotion.at.isoformat()}


def _by() -> Actor:
    """Whoever runs the command, by the name of the account."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in some containers
        return Actor("command line", Role.ADMIN)
    return Actor(f"command line: {name}", Role.ADMIN)


@contextmanager
def _refusals_told() -> Iterator[None]:
    """What may not be is an answer, not a fault: exit 1 with every reason."""
    try:
        yield
    except Conflict as error:
        problems = [{"id": ".".join(map(str, one.loc)), "because": one.msg} for one in error.problems]
        print_json({"refused": error.message, "reasons": problems})
        raise typer.Exit(CHECK_FAILED) from None


@contextmanager
def _opened(database: str | None) -> Iterator[tuple[Service, Ledger, str]]:
    from triage.bootstrap import build

    service = build()
    url = service.settings.database_url(database)
    ledger = service.ledger(url)
    try:
        yield service, ledger, url
    finally:
        ledger.database.close()
