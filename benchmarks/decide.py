"""`python -m benchmarks.decide`: what a decision costs, and where; beside the yardstick and two peers in the same run.

Real messages are used where TRIAGE_MESSAGES names a CSV file (columns title, text), generated ones otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.baseline import fit_baseline
from benchmarks.commands import batch_rates, cold_commands
from benchmarks.report import lines
from benchmarks.rounds import BATCH, CONTESTANTS, ONE, SERVICE, WARM_UP, order_of, ratios, take_turns
from benchmarks.stages import stage_costs
from benchmarks.texts import complaints, real_complaints, written_examples
from triage.bootstrap import build

LENGTH = 150
ROUNDS = 5
HTTP = "HTTP (FastAPI, uvicorn), the remainder"


def measure(data: Path | None, decisions: int, rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures; `rows` of 0 leaves out the commands and the batch."""
    texts = real_complaints(data, decisions, LENGTH) if data else [text for text, _ in complaints(decisions, LENGTH)]
    figures: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()},
        "texts": {"count": len(texts), "length": LENGTH, "source": "real" if data else "generated"},
    }
    if rows:
        say("commands from cold")
        figures["commands"] = cold_commands(texts[0])
    say("service, yardstick and peers in turns")
    figures |= _servers(texts)
    say("stages")
    figures["stages"] = _stages(texts, figures["servers"][SERVICE]["cpu_ms"])
    if rows:
        say(f"batch of {rows} rows")
        with tempfile.TemporaryDirectory() as folder:
            figures["batch"] = batch_rates(Path(folder), rows, LENGTH)
    return figures


def _servers(texts: Sequence[str]) -> dict[str, Any]:
    examples = written_examples()
    baseline = fit_baseline([row[0] for row in examples], [row[1] for row in examples])
    present = [one for one in CONTESTANTS if not one.missing]
    servers = take_turns(present, baseline, texts, ROUNDS)
    return {
        "servers": servers,
        "missing": {one.name: one.missing for one in CONTESTANTS if one.missing},
        "ratios": {
            name: {yardstick: ratios(one, servers[yardstick]) for yardstick in (ONE, BATCH)}
            for name, one in servers.items()
        },
    }


def _stages(texts: Sequence[str], whole: float) -> dict[str, float]:
    service = build()
    service.warm_up()
    bodies = [order_of(text) for text in texts]
    stage_costs(service, bodies[:WARM_UP])
    stages = stage_costs(service, bodies)
    return {**stages, HTTP: whole - sum(stages.values())}


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decide", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there as well")
    parser.add_argument("--decisions", type=int, default=500, help="complaints each server is asked (%(default)s)")
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the batch; 0: servers and stages only")
    given = parser.parse_args()
    data = os.environ.get("TRIAGE_MESSAGES")
    figures = measure(
        Path(data) if data else None, given.decisions, given.rows, lambda line: print(f"… {line}", file=sys.stderr)
    )
    print("\n".join(lines(figures)))
    if given.json:
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
