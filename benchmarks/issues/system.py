"""What ships: the command that groups a file, and the parts of the service that are clocked one by one.

Everything that this benchmark asks of the system is in this module and in `linking.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.processes import Run, run_command
from triage.bootstrap import default_model
from triage.classify.store import TABLE
from triage.desk.tables import read_table
from triage.language.places import PlaceFinder
from triage.language.word_table import WordTable
from triage.similar.encoding.encoder import Floats
from triage.similar.encoding.town import TownEncoder
from triage.similar.signature import Signature, SignatureReader

_CHINA = timezone(timedelta(hours=8))


class Message(NamedTuple):
    """A message as it came; `caller` is what names callers in this file."""

    id: str
    received_at: datetime
    title: str
    text: str
    caller: str


def read_messages(path: Path) -> list[Message]:
    """The messages in the order of their arrival; BadInput where the file is missing or broken."""
    table = read_table(path)
    columns = map(table.column, ("received_at", "id", "title", "text", "caller"))
    return [
        Message(name, datetime.fromisoformat(at).replace(tzinfo=_CHINA), title, text, caller)
        for at, name, title, text, caller in sorted(zip(*columns, strict=True))
    ]


def new_encoder() -> TownEncoder:
    """The encoder that ships, before it has seen an order."""
    return TownEncoder(WordTable.read(default_model() / TABLE))


def new_reader() -> SignatureReader:
    """Reads orders without a list of the town's places."""
    return SignatureReader(PlaceFinder({}))


def signatures_of(messages: Iterable[Message], reader: SignatureReader) -> list[Signature]:
    """What is compared of each message."""
    return [reader.read(one.id, one.received_at, one.title, one.text, caller=one.caller) for one in messages]


def vectors_of(signatures: Sequence[Signature], encoder: TownEncoder) -> Floats:
    """The gist's vectors, the town's words learnt on the way; shape (messages, width)."""
    return encoder.encode_and_learn([signature.gist for signature in signatures])


def group(path: Path) -> tuple[dict[str, str], Run]:
    """The issue of each message of a file by `triage issues`, and what that cost from start to end."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "issues.csv"
        run = run_command(["-m", "triage", "issues", "--data", str(path), "--out", str(out)])
        table = read_table(out)
    return dict(zip(table.column("id"), table.column("issue_id"), strict=True)), run
