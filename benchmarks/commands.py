"""What the commands cost from a cold process, and how fast `triage predict` goes through a table."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from benchmarks.processes import Run, run_command
from benchmarks.texts import complaints
from triage.bootstrap import default_model
from triage.desk.tables import write_table

TRAINING_ROWS = 5_000


def cold_commands(text: str, times: int = 5) -> dict[str, dict[str, float]]:
    """Wall and CPU seconds of `triage decide` and `triage --help`, each run `times` times in a process of its own."""
    commands = {
        "triage decide": ["decide", "--policy", "nanmatou", "--text", text],
        "triage --help": ["--help"],
    }
    return {
        name: _summary([run_command(["-m", "triage", *arguments]) for _ in range(times)])
        for name, arguments in commands.items()
    }


def batch_rates(folder: Path, rows: int, length: int) -> dict[str, dict[str, Any]]:
    """Rows a second of `triage predict`, with a model trained on generated rows and with the default model."""
    training, data, short = folder / "training.csv", folder / "data.csv", folder / "short.csv"
    write_table(training, ["text", "category"], complaints(TRAINING_ROWS, length, seed=1))
    texts = [(number, text) for number, (text, _) in enumerate(complaints(rows, length, seed=2), start=1)]
    write_table(data, ["id", "text"], texts)
    write_table(short, ["id", "text"], texts[:2])
    trained = folder / "trained"
    asked = ["--data", str(training), "--text", "text", "--label", "category", "--out", str(trained)]
    fitted = run_command(["-m", "triage", "train", *asked])
    rates: dict[str, dict[str, Any]] = {}
    for name, model in (("trained model", trained), ("default model", default_model())):
        start = _predict(model, short, folder / "out.csv")
        rates[name] = _rate(_predict(model, data, folder / "out.csv"), start, rows)
    rates["trained model"] |= {"train_rows": TRAINING_ROWS, "train_wall": fitted.wall, "train_cpu": fitted.cpu}
    return rates


def _predict(model: Path, data: Path, out: Path) -> Run:
    return run_command(["-m", "triage", "predict", "--model", str(model), "--data", str(data), "--out", str(out)])


def _rate(whole: Run, start: Run, rows: int) -> dict[str, Any]:
    return {
        "rows": rows,
        "wall": whole.wall,
        "cpu": whole.cpu,
        "start_wall": start.wall,
        "start_cpu": start.cpu,
        "rows_per_second": rows / whole.wall,
        "rows_per_second_after_start": rows / (whole.wall - start.wall),
        "cpu_ms_per_row_after_start": (whole.cpu - start.cpu) / rows * 1000,
    }


def _summary(runs: list[Run]) -> dict[str, float]:
    return {
        "best_wall": min(run.wall for run in runs),
        "median_wall": statistics.median(run.wall for run in runs),
        "best_cpu": min(run.cpu for run in runs),
        "median_cpu": statistics.median(run.cpu for run in runs),
        "runs": len(runs),
    }
