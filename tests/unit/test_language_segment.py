from __future__ import annotations

import csv
import logging
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jieba
import pytest

from triage.language.clean import clean
from triage.language.segment import Segmenter

jieba.setLogLevel(logging.WARNING)

_RUNS = re.compile(r"[\u4e00-\u9fd5]+|[^\u4e00-\u9fd5]+")
_PLACES = [
    "南码头路街道",
    "浦三路",
    "临沂五村",
    "由由新村",
    "延吉新村街道",
    "宝林八村",
    "控江路",
    "金浦小区",
    "微山新村社区居委会",
]
_SENTENCES = [
    "反映浦三路与齐河路路口的搅拌站夜间施工，噪音扰民",
    "市民来电反映家住临沂五村的独居老人电梯故障被困",
    "小区物业长期不作为，楼道堆物，消防通道被占用",
    "咨询2024年居住证办理，需要哪些材料？AT&T、C++、3.5%、v1.2.3 -- ok",
    "A3区B座IC卡4S店K11，电话021-58881234。",
]


def _by_jieba(cut: jieba.Tokenizer, text: str) -> list[str]:
    return [word for run in _RUNS.findall(text) for word in cut.lcut(run)]


def _generated(count: int, places: list[str]) -> Iterator[str]:
    """Made-up complaints: places, words and marks in any order, some cut in the middle of a word."""
    choose = random.Random(12345)
    words = re.findall(r"[\u4e00-\u9fa5]{2,4}", "".join(_SENTENCES)) + places
    marks = ["，", "。", "", "", "", "12号", "A座", "3.5", " ", "（", "的", "和", "在", "了"]
    for _ in range(count):
        text = "".join(choose.choice(words) + choose.choice(marks) for _ in range(choose.randint(1, 14)))
        yield text[choose.randint(0, 2) :]


def test_the_words_joined_are_the_text() -> None:
    segmenter = Segmenter(_PLACES)
    for text in [*_SENTENCES, "", "\ud800坏", "\r\n", "𠮷野家"]:
        assert "".join(segmenter.words(text)) == text
        assert all(text[start:end] == word for word, start, end in segmenter.spans(text))


def test_the_words_are_those_of_jieba() -> None:
    segmenter = Segmenter()
    for text in [*_SENTENCES, *_generated(4_000, _PLACES)]:
        expected = _by_jieba(jieba.dt, text)
        if "AT&T" not in text:  # one of three such words in jieba's dictionary; here they are cut at the mark
            assert segmenter.words(text) == expected


def test_user_words_are_joined_as_jieba_joins_them() -> None:
    segmenter, reference = Segmenter(_PLACES), jieba.Tokenizer()
    for place in sorted(_PLACES):
        reference.add_word(place)
    for text in _generated(3_000, _PLACES):
        assert segmenter.words(text) == _by_jieba(reference, text)


def test_a_user_word_with_digits_or_letters_stays_whole() -> None:
    assert Segmenter(["K11广场", "2号线", "广场"]).words("在K11广场的2号线站") == ["在", "K11广场", "的", "2号线", "站"]


@pytest.mark.real_messages
def test_real_messages_are_cut_as_by_jieba() -> None:
    folder = Path(os.environ.get("TRIAGE_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")
    path = folder / "messages_stream.csv"
    if not path.exists():
        pytest.skip(f"no real messages at {path}; set TRIAGE_DATA to their folder")
    segmenter = Segmenter()
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [clean(row["title"] + "。" + row["text"]).text for row in csv.DictReader(file)]
    different = sum(segmenter.words(text) != _by_jieba(jieba.dt, text) for text in texts[::3])
    assert len(texts) > 4_000
    assert different <= 1  # the two break one tie in half a million runs differently


def test_jieba_itself_is_never_loaded() -> None:
    code = (
        "import sys; from triage.language.segment import Segmenter; "
        "Segmenter(['浦三路']).words('浦三路'); print('jieba' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
