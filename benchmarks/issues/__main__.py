"""`python -m benchmarks.issues quality` and `speed`: how well and how fast orders are brought together; JSON.

Quality needs `messages_stream.csv` in the folder TRIAGE_DATA, or ../shared/data; where it is absent the benchmark says
so and is skipped. Nothing of a message is printed. Speed is measured on a generated stream. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.folds import messages_folder
from benchmarks.issues import quality, speed

FILE = "messages_stream.csv"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    given = _parser().parse_args(arguments)
    if given.what == "speed":
        figures = speed.measure(given.orders, given.timed, given.hostile)
    else:
        path = given.messages or messages_folder() / FILE
        if not path.exists():
            print(f"skipped: no messages at {path}; set TRIAGE_DATA to their folder", file=sys.stderr)
            return 0
        figures = quality.measure(path, quality.parts_of(given.dev), not given.alone, given.bertopic)
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.issues", description=__doc__)
    kinds = parser.add_subparsers(dest="what", required=True)
    asked = kinds.add_parser("quality", help="on real messages, beside what people found and beside peers")
    asked.add_argument("--messages", type=Path, help="a file like messages_stream.csv")
    asked.add_argument("--dev", action="store_true", help="look at nothing that is held back: for work on the grouping")
    asked.add_argument("--alone", action="store_true", help="leave the peers out")
    asked.add_argument("--bertopic", metavar="PYTHON", help="a Python that has bertopic")
    asked = kinds.add_parser("speed", help="on a generated stream")
    asked.add_argument("--orders", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="in the window")
    asked.add_argument("--timed", type=int, default=2_000, help="so many orders are clocked at each")
    asked.add_argument("--hostile", type=int, default=20_000, help="copies of one text")
    return parser


if __name__ == "__main__":
    sys.exit(main())
