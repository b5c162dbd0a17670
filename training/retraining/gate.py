"""The gate: what was measured of a champion and a challenger goes in, what speaks against the challenger comes out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from training.retraining.comparison import Compared, Difference, worse
from training.retraining.honesty import Calibrated, Kept
from triage.classify.serving import unfit_to_serve
from triage.desk.learning.verdict import Reason


@dataclass(frozen=True, slots=True)
class Limits:
    """What the gate allows.

    `level` is how probable a refusal by chance may be in each family of tests (labels, domains, overall, promises);
    labels of fewer than `fewest` independent held-back groups are judged by their domain only, and fewer than
    `fewest_rows` rows prove nothing. `calibration` is the error of certainty that may be left beyond chance; `slower`
    and `larger` are how often the champion's time and bytes. `samples` are drawn for every comparison: so many tell a
    chance of one in two thousand, which a hundred labels at once ask for.
    """

    level: float = 0.05
    fewest: int = 20
    fewest_rows: int = 200
    calibration: float = 0.05
    slower: float = 1.5
    larger: float = 1.5
    samples: int = 9_999


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class TaskMeasured:
    """Both models on the held-back rows of one task; the domains are those of categories, else empty."""

    compared: Compared
    domains: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelPromised:
    """The share that was promised to be right of a label's answers, or of all (`label` is None), and what was found."""

    label: str | None
    promised: float
    kept: Kept


@dataclass(frozen=True, slots=True)
class Measured:
    """All that the gate looks at: by task how both models did, what the challenger promised and how certain it was
    of its categories, the labels it knows, and of both (champion, challenger) the CPU seconds and the bytes."""

    tasks: Mapping[str, TaskMeasured]
    promises: Sequence[LabelPromised]
    certainty: Calibrated
    labels: Mapping[str, Collection[str]]
    categories: Collection[str]
    seconds: tuple[float, float]
    size: tuple[int, int]


def gate(measured: Measured, limits: Limits = DEFAULT) -> tuple[Reason, ...]:
    """Everything that speaks against the challenger; nothing where it may answer. Pure."""
    return (
        *_unfit(measured),
        *_unproven(measured, limits),
        *_worse(measured, limits),
        *_promise_broken(measured, limits),
        *_certainty_off(measured, limits),
        *_dearer(measured, limits),
    )


def _unfit(measured: Measured) -> Iterator[Reason]:
    for because in unfit_to_serve(measured.labels):
        yield Reason("unfit", f"it cannot serve decisions: {because}", {})
    strangers = sorted(set(measured.labels.get("category", ())) - set(measured.categories))
    if strangers:
        shown = ", ".join(strangers[:5]) + (" …" if len(strangers) > 5 else "")
        yield Reason("unfit", f"it answers what is no category of the taxonomy: {shown}", {"strangers": strangers})


def _unproven(measured: Measured, limits: Limits) -> Iterator[Reason]:
    found = measured.tasks.get("category")
    rows = found.compared.overall[0].rows if found else 0
    if rows < limits.fewest_rows:
        because = f"{rows} held-back rows with a category prove nothing; {limits.fewest_rows} are needed"
        yield Reason("unproven", because, {"rows": rows, "needed": limits.fewest_rows})


def _worse(measured: Measured, limits: Limits) -> Iterator[Reason]:
    for task, found in measured.tasks.items():
        families = (
            ("worse_overall", found.compared.overall),
            ("worse_domain", found.domains),
            ("worse_label", found.compared.labels),
        )
        for name, family in families:
            for one in worse(family, limits.level, limits.fewest):
                what = f"{task}: {one.of}" if name == "worse_overall" else f"{task}: F1 of {one.of}"
                because = (
                    f"{what} falls from {one.champion:.3f} to {one.challenger:.3f} on {one.rows} held-back rows, "
                    f"which is no chance (p = {one.chance:.4f})"
                )
                yield Reason(name, because, {"task": task, **asdict(one)})


def _promise_broken(measured: Measured, limits: Limits) -> Iterator[Reason]:
    for one in broken(measured.promises):
        what = "it decides" if one.label is None else f"{one.label} is decided"
        because = (
            f"{what} alone with a precision of {one.kept.precision:.3f} on {one.kept.alone} held-back rows, "
            f"at most {one.kept.at_most:.3f} with confidence {1 - limits.level:.0%}; promised are {one.promised:.3f}"
        )
        yield Reason("promise_broken", because, asdict(one))


def broken(promises: Sequence[LabelPromised]) -> list[LabelPromised]:
    """The promises that cannot hold, by bounds that were drawn for so many of them."""
    return [one for one in promises if one.kept.alone and one.kept.at_most < one.promised]


def _certainty_off(measured: Measured, limits: Limits) -> Iterator[Reason]:
    found = measured.certainty
    if found.excess > limits.calibration and found.chance <= limits.level:
        because = (
            f"its certainty is off by {found.error:.3f} on the mean, {found.excess:.3f} more than chance makes "
            f"(p = {found.chance:.4f}); at most {limits.calibration:.3f} are allowed"
        )
        yield Reason("certainty_off", because, {**asdict(found), "allowed": limits.calibration})


def _dearer(measured: Measured, limits: Limits) -> Iterator[Reason]:
    for name, (old, new), allowed, unit in (
        ("slower", measured.seconds, limits.slower, "seconds of CPU for the same texts"),
        ("larger", measured.size, limits.larger, "bytes"),
    ):
        if new > allowed * old:
            because = (
                f"it takes {new:.4g} {unit}, {new / old:.2f} times the champion's {old:.4g}; {allowed} are allowed"
            )
            yield Reason(name, because, {"champion": old, "challenger": new, "allowed": allowed})
