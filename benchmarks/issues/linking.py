"""An order from its text to its issue, with a clock around each stage."""

from __future__ import annotations

import time
from collections.abc import Sequence

from benchmarks.issues.stream import Draft, categories_of, text_of, title_of
from benchmarks.issues.system import Message, new_encoder, new_reader
from triage.similar.grouping.grouping import Grouping

STAGES = ("read", "encode", "add")


class Linking:
    """The system under measurement, order by order."""

    def __init__(self) -> None:
        self._reader, self._encoder = new_reader(), new_encoder()
        self.grouping = Grouping(self._encoder.width)

    def link(self, draft: Draft) -> tuple[float, float, float]:
        """Write a draft out and link it; the CPU microseconds of each stage, writing apart."""
        return self.link_message(
            Message(draft.order_id, draft.received_at, title_of(draft), text_of(draft), draft.caller),
            categories_of(draft),
        )

    def link_message(
        self, message: Message, categories: Sequence[tuple[str, float]] = ()
    ) -> tuple[float, float, float]:
        """Link an order; the CPU microseconds of each stage. Its categories are known: the desk asks for them."""
        started = time.process_time_ns()
        signature = self._reader.read(
            message.id, message.received_at, message.title, message.text, caller=message.caller, categories=categories
        )
        read = time.process_time_ns()
        vector = self._encoder.encode_and_learn([signature.gist])[0]
        encoded = time.process_time_ns()
        self.grouping.add(signature, vector)
        added = time.process_time_ns()
        return (read - started) / 1e3, (encoded - read) / 1e3, (added - encoded) / 1e3
