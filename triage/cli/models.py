"""Commands that fit, use and measure models."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from triage.cli.shell import DataOption, ModelOption, app, faults_told, given, print_json, say


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
    second_opinion: Annotated[
        Optional[Path],
        typer.Option(help="Folder of an encoder in ONNX, asked where the linear model is not sure (classifier)."),
    ] = None,
    target: Annotated[Target, typer.Option(help="What to fit.")] = Target.CLASSIFIER,
    issues: Annotated[Optional[Path], typer.Option(help="CSV file: id, issue_id (encoder).")] = None,
    pairs: Annotated[Optional[Path], typer.Option(help="CSV file: id_a, id_b, same as 1 or 0 (pairs).")] = None,
    policy: Annotated[Optional[str], typer.Option(help="Jurisdiction whose places are known (pairs).")] = None,
    seed: Annotated[int, typer.Option(help="For what is drawn by chance (encoder).")] = 0,
) -> None:
    """Fit a classifier for the labels of one column, or tune the encoder or the pair model of issues."""
    with faults_told():
        columns = [name.strip() for name in text.split(",")]
        if target is Target.ENCODER:
            from training.encoder import tune

            print_json(tune(data, columns, out, say, issues=issues, seed=seed))
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
            print_json(tune_pairs(data, columns, out, say, pairs=given("--pairs", pairs), beginning=begin))
        else:
            from training.apply import train as fit

            print_json(fit(data, columns, given("--label", label), out, say, precision, second_opinion))


@app.command()
def predict(
    model: ModelOption,
    data: DataOption,
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
) -> None:
    """Add label, confidence, auto and set to every row; the order of rows is kept."""
    with faults_told():
        from training.apply import predict as apply

        print_json({"rows": apply(model, data, out, say), "out": str(out)})


@app.command()
def evaluate(
    model: ModelOption,
    data: DataOption,
    label: Annotated[str, typer.Option(help="Column with the right answers.")],
) -> None:
    """Accuracy, macro-F1, figures per class, and whether the model's promises hold."""
    with faults_told():
        from training.apply import evaluate as measure

        print_json(measure(model, data, label, say))
