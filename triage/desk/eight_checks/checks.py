"""The eight checks themselves: each takes what the unit wrote and what is known, and notes what it finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from triage.desk.eight_checks import signs
from triage.desk.eight_checks.passed_on import Substance, substance
from triage.desk.eight_checks.reading import ReplyText
from triage.desk.eight_checks.reply import (
    FACT_NAMES,
    OUTCOME_NAMES,
    SATISFACTION_NAMES,
    Look,
    Reply,
    ReplyContext,
)
from triage.desk.eight_checks.topic import is_off_topic
from triage.domain.vocabulary import Outcome, ReplyFact, Satisfaction
from triage.language.clean import clean
from triage.policy.chinese import ELEMENTS


@dataclass
class Notes:
    """What one check noted: what is wrong, what a person must see to, and what it looked at."""

    wrong: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    looked_at: list[Look] = field(default_factory=list)

    def see(self, *looks: Look | None) -> None:
        """Remember what was looked at."""
        self.looked_at += [look for look in looks if look and look not in self.looked_at]


class Case:
    """One reply with its text read once for all checks."""

    def __init__(self, reply: Reply, context: ReplyContext) -> None:
        self.reply, self.context = reply, context
        self.text = ReplyText(reply.text)

    @cached_property
    def substance(self) -> Substance:
        """How much the text says of the matter."""
        return substance(self.text.clauses())

    @cached_property
    def off_topic(self) -> bool | None:
        """Whether the text speaks of something else than the complaint."""
        return is_off_topic(clean(f"{self.context.title}\n{self.context.text}").text, self.text.text)

    def given(self, element: str) -> Look | None:
        """Where an element stands: among the elements or attachments that are named, or plainly in the text."""
        if element in self.reply.elements:
            return Look("reply.elements", element)
        if element in self.reply.attachments:
            return Look("reply.attachments", element)
        return self.text.trace(element)

    def demand(self, notes: Notes, elements: Iterable[str]) -> None:
        """Note which elements are missing, and where the others stand."""
        found = {element: self.given(element) for element in elements}
        notes.see(*found.values())
        if missing := [ELEMENTS[element] for element, look in found.items() if look is None]:
            notes.wrong.append("缺少" + "、".join(missing))


def first_contact(case: Case, notes: Notes) -> None:
    """1. When and by whom the caller was contacted first, with its recording; does the caller agree?"""
    case.demand(notes, ("first_contact_time", "first_contact_person", "contact_recording"))
    if case.context.contacted is not None:
        notes.see(Look("call_back.contacted", _told(case.context.contacted)))
    if case.context.contacted is False:
        notes.wrong.append("回访时诉求人表示未被联系")
    if unreached := case.text.first(signs.NOT_REACHED):
        notes.see(unreached)
        notes.doubtful.append("文中提到未联系上诉求人")


def fact_finding(case: Case, notes: Notes) -> None:
    """2. What was found to be so, on what grounds; do the words say the same as the field?"""
    case.demand(notes, ("fact_finding",))
    fact = case.reply.fact
    notes.see(Look("reply.fact", fact))
    untrue, true = case.text.first(signs.UNTRUE), case.text.first(signs.TRUE)
    if fact is ReplyFact.NOT_TRUE and true and not untrue:
        notes.see(true)
        notes.wrong.append("认定为不属实，但文中称情况属实")
    elif fact is ReplyFact.TRUE and untrue:
        notes.see(untrue)
        (notes.doubtful if true else notes.wrong).append("认定为属实，但文中称情况不属实")
    elif partly := case.text.first(signs.PARTLY_TRUE):
        notes.see(partly)
        notes.doubtful.append("文中称仅部分或基本属实")
    elif fact is ReplyFact.TRUE and (denied := case.text.first(signs.DENIED)):
        notes.see(denied)
        notes.doubtful.append("认定为属实，但文中有不存在或未发现的表述")
    if fact is not ReplyFact.TRUE:
        grounds = case.text.first(signs.GROUNDS) or case.text.trace("fact_finding")
        notes.see(grounds)
        if grounds is None:
            notes.wrong.append(f"认定为{FACT_NAMES[fact]}，但未说明依据")


def request_finding(case: Case, notes: Notes) -> None:
    """3. What was found on the request itself; is it this request that the text speaks of?"""
    case.demand(notes, ("request_finding",))
    if case.substance is not Substance.SAYS_SOMETHING:
        notes.wrong.append("未就诉求本身作出答复")
    elif case.off_topic is not None:
        notes.see(Look("order.text", "与答复内容比对"))
        if case.off_topic:
            notes.wrong.append("答复内容似未针对该诉求")
    else:
        notes.doubtful.append("诉求或答复文字较少，无法比对两者是否说的是同一件事")


def site_visit(case: Case, notes: Notes) -> None:
    """4. Was the site seen where there is one, with pictures before and after?"""
    if case.context.needs_site_visit:
        notes.see(Look("facts.needs_site_visit", "true"))
        case.demand(notes, ("site_check", "before_picture", "after_picture"))
    else:
        notes.see(case.given("site_check"))
    if absent := case.text.first(signs.NO_SITE):
        notes.see(absent)
        claimed = case.context.needs_site_visit or "site_check" in case.reply.elements
        (notes.wrong if claimed else notes.doubtful).append("文中称未到现场")


def outcome(case: Case, notes: Notes) -> None:
    """5. Does the outcome agree with the text, the finding of fact and the call-back?"""
    chosen, solved = case.reply.outcome, case.context.solved
    if chosen is None:
        notes.doubtful.append("未填写办理结果，无法比对")
        return
    notes.see(Look("reply.outcome", chosen))
    if solved is not None:
        notes.see(Look("call_back.solved", _told(solved)))
    if solved is False and chosen is Outcome.SOLVED:
        notes.wrong.append("办理结果为实际解决，但回访时诉求人表示未解决")
    if solved and chosen is not Outcome.SOLVED:
        notes.wrong.append(f"办理结果为{OUTCOME_NAMES[chosen]}，但回访时诉求人表示已解决")
    if chosen is Outcome.SOLVED and case.reply.fact is ReplyFact.NOT_TRUE:
        notes.see(Look("reply.fact", case.reply.fact))
        notes.wrong.append("办理结果为实际解决，但事实认定为不属实")
    _outcome_and_text(case, notes, chosen)


def _outcome_and_text(case: Case, notes: Notes, chosen: Outcome) -> None:
    """The outcome beside what the text says; where it says both, the later is how the matter stands."""
    unsolved = case.text.last(signs.UNSOLVED, signs.NOT_NOW)
    solved = case.text.last(signs.SOLVED, signs.NOT_DONE_YET)
    notes.see(*(found[0] for found in (unsolved, solved) if found))
    if chosen is Outcome.SOLVED and unsolved:
        later = solved and solved[1].start() > unsolved[1].start()
        (notes.doubtful if later else notes.wrong).append("办理结果为实际解决，但文中称尚未或无法解决")
    elif chosen is Outcome.SOLVED and not solved:
        notes.doubtful.append("办理结果为实际解决，但文中未见已解决的表述")
    elif chosen is Outcome.UNSOLVED and solved and not unsolved:
        notes.wrong.append("办理结果为未解决，但文中称已解决")


def satisfaction(case: Case, notes: Notes) -> None:
    """6. Is the caller's satisfaction filled in, with the recording, and the same wherever it stands?"""
    said = _satisfactions(case, notes)
    if "reply.satisfaction" not in said:
        case.demand(notes, ("satisfaction",))
    case.demand(notes, ("callback_recording",))
    ranks = [list(Satisfaction).index(value) for value in said.values()]
    if not ranks or min(ranks) == max(ranks):
        return
    told = "、".join(f"{_PLACES[place]}为{SATISFACTION_NAMES[value]}" for place, value in said.items())
    angry = Satisfaction.UNSATISFIED in said.values()
    (notes.wrong if angry or max(ranks) - min(ranks) > 1 else notes.doubtful).append(f"满意度前后不一（{told}）")


_PLACES = {"reply.satisfaction": "填写", "reply.text": "文中", "call_back.satisfaction": "回访"}


def _satisfactions(case: Case, notes: Notes) -> dict[str, Satisfaction]:
    """What each place says of the caller's satisfaction."""
    said: dict[str, Satisfaction] = {}
    fields = {"reply.satisfaction": case.reply.satisfaction, "call_back.satisfaction": case.context.satisfaction}
    for place, value in fields.items():
        if value is not None:
            said[place] = value
            notes.see(Look(place, value))
    if found := case.text.last(signs.SATISFACTION, signs.WISHED):
        said["reply.text"] = signs.SAID_SATISFACTION[found[1]["said"]]
        notes.see(found[0])
    return said


def whole_handling(case: Case, notes: Notes) -> None:
    """7. Does the text tell what was done, until the caller was answered, when and by whom?"""
    case.demand(notes, ("answer_time", "answer_person"))
    if case.substance is Substance.PASSED_ON:
        notes.wrong.append("答复仅说明已转交或请诉求人另行咨询，未反映办理过程")
    elif case.substance is Substance.NOTHING:
        notes.wrong.append("答复未说明办理过程")
    if case.context.answered is not None:
        notes.see(Look("call_back.answered", _told(case.context.answered)))
    if case.context.answered is False:
        notes.wrong.append("回访时诉求人表示未得到答复")


def rules(case: Case, notes: Notes) -> None:
    """8. Is the outcome one that is allowed, and is there what the rules want beside it?"""
    chosen, fact = case.reply.outcome, case.reply.fact
    if chosen is None:
        notes.wrong.append("缺少办理结果")
    else:
        notes.see(Look("reply.outcome", chosen))
    if chosen in (Outcome.FOR_REFERENCE, Outcome.UNSOLVED):
        notes.doubtful.append(f"办理结果一般不应为{OUTCOME_NAMES[chosen]}，是否已经领导同意")
    if chosen is Outcome.EXPLAINED:
        case.demand(notes, ("plan_dates",))
    if case.context.in_legal_procedure:
        notes.see(Look("facts.in_legal_procedure", "true"))
        case.demand(notes, ("legal_documents",))
    if fact is not ReplyFact.TRUE:
        notes.see(Look("reply.fact", fact))
        notes.doubtful.append(f"认定为{FACT_NAMES[fact]}，是否附有分管领导签字的说明表（附件1.2）")


def _told(value: bool) -> str:
    return "true" if value else "false"
