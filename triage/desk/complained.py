"""Whom an order complains about: a shop, a firm, a school, or a unit of the town itself."""

from __future__ import annotations

from triage.desk.reading import OrderReading
from triage.desk.town import Town

_COMPLAINING = frozenset({"complaint", "report"})
_BODIES = frozenset({"shop", "company", "school", "hospital"})


def complained_about(reading: OrderReading, town: Town) -> tuple[str, ...]:
    """The bodies that a complaint or report names, each once; nothing else complains about anybody.

    `unit_callers` counts callers by these names (moushi:2.2.4).
    """
    if reading.request_type.value not in _COMPLAINING:
        return ()
    texts = [reading.written.title.text, reading.written.body.text]
    bodies = [place.text for text in texts for place in town.places.find(text) if place.kind in _BODIES]
    units = [unit.name for unit in town.pack.units.values() if any(unit.name in text for text in texts)]
    return tuple(dict.fromkeys([*bodies, *units]))
