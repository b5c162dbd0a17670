"""Hides what tells who a citizen is: numbers, plates, house numbers and names.

A number is only taken where its form, a check digit or the words before it say what it is; service numbers
(12345, 400-…), dates, amounts and order numbers stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from triage.language.house_numbers import HOUSE_NUMBER
from triage.language.names import find_names


@dataclass(frozen=True)
class Finding:
    """One personal datum; kind is phone, landline, identity, bank_card, plate, email, wechat, house_number or name."""

    kind: str
    start: int
    end: int


PLACEHOLDERS = {
    "phone": "[电话]",
    "landline": "[电话]",
    "identity": "[身份证号]",
    "bank_card": "[银行卡号]",
    "plate": "[车牌]",
    "email": "[邮箱]",
    "wechat": "[账号]",
    "house_number": "[门牌]",
    "name": "[姓名]",
}


def redact(text: str) -> str:
    """The text with every personal datum replaced by a placeholder that says what stood there.

    >>> redact("我叫张建国，电话138 1234 5678，住临沂路88弄8号301室，12345已受理")
    '我叫[姓名]，电话[电话]，住临沂路88弄[门牌]，12345已受理'
    """
    pieces: list[str] = []
    last = 0
    for finding in find_personal(text):
        pieces += text[last : finding.start], PLACEHOLDERS[finding.kind]
        last = finding.end
    return "".join([*pieces, text[last:]])


def find_personal(text: str) -> list[Finding]:
    """The personal data in a text, in order and without overlaps; text of any width will do.

    >>> find_personal("沪A·12345乱停车")
    [Finding(kind='plate', start=0, end=8)]
    """
    text = text.translate(_HALF_WIDTH)
    found: list[Finding] = []
    taken = bytearray(len(text))
    for kind, (start, end) in _candidates(text):  # the surest kind first; later ones give way
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(Finding(kind, start, end))
    return sorted(found, key=lambda finding: finding.start)


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_GAP = r"[ \-－—–]?"

_IDENTITY = re.compile(
    rf"(?<![\dA-Za-z])[1-9]\d{{5}}{_GAP}(?:18|19|20)\d\d{_GAP}[01]\d[0-3]\d{_GAP}\d{{3}}[\dXx](?![\dA-Za-z])"
    r"|(?<![\dA-Za-z])[1-9]\d{14}(?![\dA-Za-z])"
)
_BANK_CARD = re.compile(rf"(?<!\d)\d{{4}}(?:{_GAP}\d{{4}}){{3}}(?:{_GAP}\d{{1,3}})?(?!\d)")
_PHONE = re.compile(
    rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|{_GAP}\d{{3}}{_GAP}\d{{5}})(?![\d元万亿吨]|\.\d)"
    r"|(?<![零〇一幺二三四五六七八九])[一幺][三四五六七八九][零〇一幺二三四五六七八九]{9}(?![零〇一幺二三四五六七八九十])"
)
_LANDLINE = re.compile(
    r"(?<![\d.])(?:\+?86[ -]?)?(?:[（(]0\d{2,3}[）)]|0(?:10|2\d|[3-9]\d\d))[ -]?"
    r"[2-9]\d{2,3}[ -]?\d{4}(?:(?:-|转)\d{1,5})?(?!\d)"
)
_LOCAL_NUMBER = re.compile(r"(?<![\d.\-])[2-9]\d{2,3}[ -]?\d{4}(?![\d元万.\-年])")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][ ·•・.\-]?"
    r"(?=(?:[A-Za-z]*\d){3})[A-HJ-NP-Za-hj-np-z\d]{4}(?:[A-HJ-NP-Za-hj-np-z\d]{1,2}|[挂学警港澳])(?![A-Za-z\d])"
)
_EMAIL = re.compile(
    r"(?<![\w.%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,10}(?![A-Za-z])", re.ASCII
)
_ACCOUNT = re.compile(
    r"(?:微信号?|V信|vx|wx|QQ|支付宝)(?:账号|号码|号|是|为|名)?[：:\s]{0,3}([A-Za-z][\w\-]{5,19}|[1-9]\d{4,11})(?![\w元])",
    re.ASCII | re.IGNORECASE,
)


def _after(words: str) -> Callable[[re.Match[str]], bool]:
    pattern = re.compile(words)
    return lambda match: pattern.search(match.string, max(0, match.start() - 12), match.start()) is not None


_says_identity = _after("身份|证件|证号")
_says_bank = _after("银行|卡号|账号|账户|帐号|帐户|[工农中建交招]行")
_says_telephone = _after("电话|座机|号码|致电|拨打|联系|来电|[Tt][Ee][Ll]")


def _is_identity(match: re.Match[str]) -> bool:
    """An order number may look the same (area, day, serial), so the check digit or the words must agree."""
    digits = re.sub(_GAP, "", match[0])
    if len(digits) == 15:
        return _is_day(f"19{digits[6:12]}") and _says_identity(match)
    return _is_day(digits[6:14]) and (_has_check_digit(digits) or _says_identity(match))


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True


def _has_check_digit(digits: str) -> bool:
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(digits[:17]))
    return "10X98765432"[total % 11] == digits[17].upper()  # GB 11643


def _is_bank_card(match: re.Match[str]) -> bool:
    digits = re.sub(_GAP, "", match[0])
    issued = digits[0] == "6" or (digits[0] in "45" and len(digits) == 16)  # UnionPay; Visa and Mastercard
    return _says_bank(match) or (issued and _passes_luhn(digits))


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def _is_local_number(match: re.Match[str]) -> bool:
    return _says_telephone(match) and not _is_day(re.sub(_GAP, "", match[0]))


_Check = Callable[[re.Match[str]], bool]
_NUMBERS: list[tuple[str, re.Pattern[str], _Check | None]] = [
    ("email", _EMAIL, None),
    ("identity", _IDENTITY, _is_identity),
    ("plate", _PLATE, None),
    ("phone", _PHONE, None),
    ("landline", _LANDLINE, None),
    ("bank_card", _BANK_CARD, _is_bank_card),
    ("landline", _LOCAL_NUMBER, _is_local_number),
    ("house_number", HOUSE_NUMBER, None),
]


def _candidates(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for kind, pattern, check in _NUMBERS:
        for match in pattern.finditer(text):
            if check is None or check(match):
                yield kind, match.span()
    yield from (("wechat", match.span(1)) for match in _ACCOUNT.finditer(text))
    yield from (("name", span) for span in find_names(text))
