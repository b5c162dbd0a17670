"""Groups beside what people say belongs together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from benchmarks.issues.labels import Issues, Pair
from triage.desk.learning.wagers import exactly

Groups = Mapping[str, Hashable]
"""The group of every message, by the message's id; a message alone is a group of its own."""

SIZES = (3, 4, 6, 10)
"""Where classes of issues begin, by how many messages they have."""

_NO_END = 1_000_000
_DISTRICT = re.compile(r"[A-Z]\d{1,2}(?:区|县|市)")


class Match(NamedTuple):
    """An issue's number of messages, and the best F1 that any one group reaches for it."""

    size: int
    f1: float


def best_matches(groups: Groups, issues: Issues) -> list[Match]:
    """How well each issue is met by one group; messages that no reader put into an issue count against a group.

    >>> best_matches({"1": 7, "2": 7, "3": 8, "4": 8}, {"1": "x", "2": "x", "3": "x"})
    [Match(size=3, f1=0.8)]
    """
    sizes = Counter(groups.values())
    found: dict[str, Counter[Hashable]] = defaultdict(Counter)
    for message, issue in issues.items():
        found[issue][groups[message]] += 1
    return [
        Match(each.total(), max(2 * inside / (each.total() + sizes[group]) for group, inside in each.items()))
        for each in found.values()
    ]


def f1_by_size(matches: Sequence[Match]) -> dict[str, dict[str, float]]:
    """The mean of all, and of each class of sizes that occurs."""
    of_class: dict[str, list[float]] = {"all": [match.f1 for match in matches]}
    for begin, end in pairwise((*SIZES, _NO_END)):
        inside = [match.f1 for match in matches if begin <= match.size < end]
        of_class[_class_name(begin, end)] = inside
    return {name: {"issues": len(all_), "f1": round(mean(all_), 4)} for name, all_ in of_class.items() if all_}


def pair_figures(groups: Groups, pairs: Iterable[Pair]) -> dict[str, Any]:
    """Of the pairs that are in one group, how many are the same matter; of those that are the same, how many are."""
    told = [(pair.same, groups[pair.one] == groups[pair.other]) for pair in pairs if pair.same is not None]
    return precision_and_recall(told)


def precision_and_recall(told: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    """From (is the same, was joined) of each pair; with Clopper and Pearson's interval of 95 %."""
    joined, same = sum(one[1] for one in told), sum(one[0] for one in told)
    right = told.count((True, True))
    return {
        "pairs": len(told),
        "same": same,
        "joined": joined,
        "right": right,
        "precision": _share(right, joined),
        "precision_interval": interval(right, joined),
        "recall": _share(right, same),
    }


def interval(right: int, of: int) -> list[float]:
    """Clopper and Pearson (1934), 95 %, both sides.

    >>> interval(98, 100)
    [0.9296, 0.9976]
    """
    return [round(bound, 4) for bound in exactly(right, of)]


def caller_figures(groups: Groups, matters: Issues) -> dict[str, Any]:
    """Are one caller's matters told apart? Pairs of messages of one caller, and callers of whom all is right."""
    callers: dict[str, list[str]] = defaultdict(list)
    for message, matter in matters.items():
        callers[matter.partition("-")[0]].append(message)
    told = [
        [(matters[one] == matters[other], groups[one] == groups[other]) for one, other in combinations(messages, 2)]
        for messages in callers.values()
    ]
    right = sum(all(same == joined for same, joined in pairs) for pairs in told)
    every = precision_and_recall([pair for pairs in told for pair in pairs])
    return {"callers": len(callers), "all_right": right, "share_all_right": _share(right, len(callers)), **every}


def mixing(groups: Groups, titles: Mapping[str, str]) -> dict[str, int]:
    """How many groups of two and more there are, and how many have titles that name districts with none in common.

    >>> mixing({"1": 0, "2": 0, "3": 1}, {"1": "A1区路灯坏了", "2": "B2县路灯坏了", "3": "B2县停水"})
    {'groups': 1, 'mixing_places': 1}
    """
    members: dict[Hashable, list[str]] = defaultdict(list)
    for message, group in groups.items():
        members[group].append(titles[message])
    several = [found for found in members.values() if len(found) > 1]
    return {"groups": len(several), "mixing_places": sum(map(_is_mixed, several))}


def agreement(one: Issues, other: Issues) -> dict[str, float]:
    """One reader's issues met by the other's: over all of them, and over those of which the other has something."""
    alone = {message: ("alone", message) for message in [*one, *other]}
    matches = best_matches(alone | dict(other), one)
    both = [found.f1 for found, ids in zip(matches, _members(one), strict=True) if any(name in other for name in ids)]
    return {
        "issues": len(matches),
        "f1": round(mean(found.f1 for found in matches), 4),
        "in_both": len(both),
        "f1_in_both": round(mean(both), 4),
    }


def outliers(groups: Groups) -> float:
    """The share of messages that are alone."""
    sizes = Counter(groups.values())
    return round(sum(1 for size in sizes.values() if size == 1) / max(len(groups), 1), 4)


def mean(numbers: Iterable[float]) -> float:
    """0 where there are none."""
    found = list(numbers)
    return sum(found) / max(len(found), 1)


def _members(issues: Issues) -> Iterator[list[str]]:
    members: dict[str, list[str]] = defaultdict(list)
    for message, issue in issues.items():
        members[issue].append(message)
    yield from members.values()


def _is_mixed(titles: Iterable[str]) -> bool:
    named = [found for found in (set(_DISTRICT.findall(title)) for title in titles) if found]
    return any(not one & other for one, other in combinations(named, 2))


def _class_name(begin: int, end: int) -> str:
    if end == _NO_END:
        return f"{begin}+"
    return str(begin) if end == begin + 1 else f"{begin}-{end - 1}"


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
