"""One question to the caller, where the answer would decide who leads."""

from __future__ import annotations

import re
from collections.abc import Sequence

from triage.classify.taxonomy import Category, Taxonomy
from triage.desk.candidates import TOGETHER, leads_of
from triage.desk.reading import OrderReading
from triage.domain.decisions import Choice, Question
from triage.policy.pack.pack import Pack

ASKED = 0.15
"""Asked about are categories from this probability on, where they are together as likely right as a unit must be."""

MOST = 3
LONGEST_HINT = 30
LONGEST_DESCRIPTION = 40

_OPENINGS = {"consultation": "请问您主要想咨询的是", "suggestion": "请问您的建议主要是关于"}
_OPENING = "请问您主要想反映的是"

_NOT = re.compile(r"而?不|没|还没|未|与.*无关|顺带")
_OTHERWISE = re.compile(r"而(?:不是|没有?).*")
_NO_HINT = re.compile(r"不是|无关|不涉及|以外|其他|其中|顺带|为主|主要|只嫌|只问|泛指|说的是|归|这里")
_OPENS = re.compile(
    r"^(?:说的?是?|主要(?:诉求是|是|说|嫌|反映|质疑|举报)?|重点是|问题在|只(?:是|说|嫌|问)?|单纯|嫌|同一|反映的?是?|问的?是?)(?=.)"
)
_GOES_TO = re.compile(r"(?:才)?归(?:这里|[^，]*)$")


def question(reading: OrderReading, taxonomy: Taxonomy, pack: Pack) -> Question | None:
    """The question whose answer names the lead unit; None where the matter is clear, too vague, or goes to one unit.

    Asked between the two or three categories of the set with a real share, where they are together likely right.
    """
    likely = [guess for guess in reading.categories.items() if guess[1] >= ASKED]
    in_set = sum(guess.in_set for guess in reading.listed)
    if not reading.understood or not 2 <= len(likely) <= min(MOST, in_set):
        return None
    if sum(chance for _, chance in likely) < TOGETHER:
        return None
    categories = [taxonomy.categories[name] for name, _ in likely]
    choices = tuple(Choice(one.id, one.name, leads_of(pack, one.id)) for one in categories)
    if len({choice.units for choice in choices}) == 1:
        return None
    return Question(_asked(categories, reading.request_type.value), choices, _because(choices, pack))


def hint(category: Category, others: Sequence[Category]) -> str:
    """A few words by which a caller knows the category from the others: what the taxonomy says tells them apart.

    >>> why = {"food": "说的是店里食品不干净，而不是排烟"}
    >>> fumes = Category("fumes", "餐饮油烟", "环境保护", "餐馆排放油烟。", why)
    >>> food = Category("food", "食品安全", "卫生计生", "餐馆、商店的食品变质、有异物，吃坏肚子。")
    >>> hint(food, [fumes]), hint(fumes, [food])
    ('店里食品不干净', '餐馆排放油烟')
    """
    whys = [other.look_alikes[category.id] for other in others if category.id in other.look_alikes]
    own = [why for other in others if "归这里" in (why := category.look_alikes.get(other.id, ""))]
    told = [_told(why, here=False) for why in whys] + [_told(why, here=True) for why in own]
    return next((words for words in told if _says_more(words, category)), _described(category.description))


def _asked(categories: Sequence[Category], request_type: str) -> str:
    sides = [f"{one.name}，比如{hint(one, [other for other in categories if other is not one])}" for one in categories]
    opening = _OPENINGS.get(request_type, _OPENING)
    return f"{opening}{'；'.join(sides[:-1])}；还是{sides[-1]}？"


def _told(why: str, *, here: bool) -> str:
    """The words of a why that say what the matter is, without those that say what it is not."""
    clauses = [clause for clause in re.split("[，；]", why) if ("归这里" in clause) == here]
    if not here and any("归" in clause for clause in clauses):
        clauses = clauses[: 1 + next(index for index, clause in enumerate(clauses) if "归" in clause)]
    kept = [clause for index, clause in enumerate(clauses) if not index or not _NOT.match(clause)]
    if len(kept) > 1 and kept[0].startswith("同一"):
        kept = kept[1:]
    return "，".join(filter(None, (_plain(clause) for clause in kept)))


def _says_more(words: str, category: Category) -> bool:
    """Whether the words are a hint to somebody who has just heard the category's name, and nothing else."""
    return 2 <= len(words) <= LONGEST_HINT and words not in category.name and not _NO_HINT.search(words)


def _plain(clause: str) -> str:
    without = _OTHERWISE.sub("", _GOES_TO.sub("", clause))
    while (shorter := _OPENS.sub("", without)) != without:
        without = shorter
    return without


def _described(description: str) -> str:
    """The beginning of a description: its first clause, of a long list the first items."""
    words = re.split("[，；。]", description)[0].rpartition("：")[2]
    last = words.rfind("、", 0, LONGEST_DESCRIPTION)
    return words if len(words) <= LONGEST_DESCRIPTION or last < 0 else f"{words[:last]}等"


def _because(choices: Sequence[Choice], pack: Pack) -> str:
    return "答案决定主办单位：" + "，".join(f"{choice.name}{_goes_to(choice, pack)}" for choice in choices)


def _goes_to(choice: Choice, pack: Pack) -> str:
    if not choice.units:
        return "在职责清单中没有对应单位"
    return "归" + "或".join(pack.units[unit].name for unit in choice.units)
