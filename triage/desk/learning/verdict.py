"""What the gate of promotion found of a model, as it lies sealed in the model's own folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from triage.classify.shelf import ShelvedModel
from triage.classify.store import checked_bytes
from triage.domain.errors import ModelFault

REPORT = "gate.json"
"""The report's name in a model's folder. The manifest vouches for it as for every file, and a promotion names the
manifest by its digest: a report cannot be exchanged without that model being another one."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a model must not answer: the check's id, one sentence, and the figures behind it."""

    id: str
    because: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found: against which model (name, version, digest of its manifest), what speaks against the new
    one, and what was measured of both."""

    against: Mapping[str, str]
    reasons: tuple[Reason, ...]
    measured: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    def to_json(self) -> bytes:
        """As it is put into the folder."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @classmethod
    def from_json(cls, content: bytes) -> Verdict:
        """Read what `to_json` wrote; ModelFault where it cannot be read."""
        try:
            told = json.loads(content)
            return cls(told["against"], tuple(Reason(**one) for one in told["reasons"]), told["measured"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelFault(f"{REPORT} cannot be read: {error}") from None


def verdict_of(model: ShelvedModel) -> Verdict | None:
    """What the gate found of a model; None where it was never asked."""
    if REPORT not in model.manifest["files"]:
        return None
    return Verdict.from_json(checked_bytes(model.folder, REPORT, model.manifest))
