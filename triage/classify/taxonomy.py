"""The taxonomy as the service needs it: categories with their names and domains."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from triage.domain.errors import ModelFault
from triage.domain.vocabulary import DOMAINS


@dataclass(frozen=True)
class Category:
    """A concrete kind of matter, in one domain.

    `look_alikes`: by id of a category it is taken for, what is said where it is that one instead.
    """

    id: str
    name: str
    domain: str
    description: str
    look_alikes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def is_like(self, other: Category) -> bool:
        """Whether one of the two is easily taken for the other."""
        return other.id in self.look_alikes or self.id in other.look_alikes


@dataclass(frozen=True)
class Taxonomy:
    """All categories by id."""

    categories: Mapping[str, Category]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids that packs may give duties for."""
        return frozenset(self.categories)

    @classmethod
    def from_json(cls, content: bytes) -> Taxonomy:
        """Read what `to_json` wrote."""
        try:
            rows = json.loads(content)
            categories = {row["id"]: Category(**row) for row in rows}
        except (ValueError, KeyError, TypeError) as error:
            raise ModelFault(f"taxonomy.json cannot be read: {error}") from None
        strangers = sorted({category.domain for category in categories.values()} - set(DOMAINS))
        if strangers:
            raise ModelFault(f"taxonomy.json has unknown domains: {', '.join(strangers)}")
        return cls(categories)

    def to_json(self) -> bytes:
        """Deterministic JSON, one category a line."""
        rows = [json.dumps(asdict(category), ensure_ascii=False) for category in self.categories.values()]
        return ("[\n" + ",\n".join(rows) + "\n]\n").encode()
