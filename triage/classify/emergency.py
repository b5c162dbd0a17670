"""Words that say an emergency line is needed now: a net under the classifier, since a miss costs most.

A phrase counts where nothing in its own sentence says that it is past, feared, asked about or only a figure of speech.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_PHRASES = {
    "110": """
        要跳楼|想跳楼|要跳河|要轻生|想不开|要自杀|正在打架|在打架|打起来了|持刀|拿着?刀|砍人|捅人|抢劫|进贼了?|进小偷|正在偷|在撬门|在撬锁
        |正在砸(?:门|店|车)|被绑架|被拐|被跟踪|走丢了|走失了|(?:孩子|小孩|老人)(?:不见|失踪)了|劫持
    """,
    "119": """
        着火了|起火了|着火啦|失火了|火烧起来|冒(?:浓|黑)烟|正在(?:着火|起火|燃烧)
        |(?:仓库|厂房|车间|店里|房子|[屋家]里|楼[上下里]|楼道|阳台|厨房|机房)(?:着|起|失)火(?!的|后|前|点|原因|事|案|灾|隐|频)|浓烟滚滚|(?:煤气|燃气|天然气|液化气)(?:泄漏|泄露|漏了|在漏)
        |电梯(?:里)?(?:困人|关人|困住)|困在电梯|被困|爆炸了|掉(?:进|到)河里|落水(?![洞管口沟])|高压线掉|电线(?:掉|断)(?:了|下来).{0,6}(?:火花|打火)
    """,
    "120": """
        叫不醒|昏迷|晕倒|晕过去|没有?呼吸|没气了|心脏病发|(?:胸口|心口)(?:疼|痛)|喘不上气|大出血|抽搐|口吐白沫|触电了|煤气中毒|服毒|喝农药
    """,
    "122": """
        (?:刚刚?|刚才)?(?:撞车|撞人|撞到人|追尾|翻车)了|车祸.{0,8}(?:受伤|流血|有人)|(?:车|汽车)撞了?.{0,4}(?:人|车).{0,6}(?:受伤|流血|倒)|肇事逃逸了|被车撞了
    """,
}
_PHRASE = re.compile("|".join(f"(?P<l{line}>{''.join(phrases.split())})" for line, phrases in _PHRASES.items()))
_NOT_NOW = re.compile(
    r"昨|前天|前几天|上周|上个?月|去年|前年|年前|月份|\d月|\d日|\d号|曾|之前|以前|过去|当时|当天|那天|那次|多次|几次|常常?|总是|老是|屡|每|往往"
    r"|万一|如果|要是|假如|一旦|倘若|怕|担心|担忧|恐|以防|避免|防止|容易|可能|会不会|险些|差点|几乎|隐患|风险|后果"
    r"|请问|咨询|怎么|如何|为什么|是否|吗|规定|标准|赔偿|保险|收费|报销|演练|培训|宣传|预案|预防|频发|监控|处理结果|判|拘留"
    r"|已经?(?:扑灭|灭|送|报警|处理|找到)|扑灭|跟.{0,3}一样|像.{0,4}一样|好像.{0,2}抢|气得|简直|不得"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n\x1e]+")
# Whoever is in danger now does not write a page: in a long text such words are part of a story.
LONGEST = 120


class Cry(NamedTuple):
    """Words that call for a line, with their place."""

    line: str
    start: int
    end: int


def cry_for_help(text: str) -> Cry | None:
    """The first words of a short cleaned text that call for 110, 119, 120 or 122 now.

    >>> cry_for_help("六楼着火了，快来人")
    Cry(line='119', start=2, end=5)
    >>> cry_for_help("楼道堆满杂物，万一着火了怎么办") is None
    True
    """
    if len(text) > LONGEST:
        return None
    for sentence in _SENTENCE.finditer(text):
        found = _PHRASE.search(sentence[0])
        if found is not None and not _NOT_NOW.search(sentence[0]):
            line = str(found.lastgroup)[1:]
            return Cry(line, sentence.start() + found.start(), sentence.start() + found.end())
    return None
