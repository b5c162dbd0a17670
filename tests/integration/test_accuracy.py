"""The accuracy benchmark's parts work, on messages written for it; how good anything is, no test asserts."""

from __future__ import annotations

import csv
import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jieba")

from benchmarks import accuracy, folds
from benchmarks.answers import Answers, Promised, load_answers, save_answers
from benchmarks.folds import Messages, copy_groups, read_messages, splits
from benchmarks.gains import figures, paired_interval
from benchmarks.variants import VARIANTS, YARDSTICK, Variant
from triage.domain.errors import BadInput

WRITTEN = {
    "城管": [
        "小区过道被违章搭建的棚子占了",
        "流动摊贩从早到晚拿喇叭吆喝",
        "人行道上停满共享单车走不过去",
        "楼顶有人私自加盖一层房屋",
        "沿街店铺把货物摆到盲道上",
        "夜市收摊以后满地竹签和油污",
        "围墙上的小广告撕了又贴",
        "门面招牌快要掉下来很危险",
    ],
    "环保": [
        "烧烤店的油烟熏得全家睡不着",
        "工地半夜打桩声音震得窗户响",
        "河水发黑发臭还漂着死鱼",
        "化工厂凌晨偷偷排放刺鼻气体",
        "渣土车经过时扬尘特别厉害",
        "洗车行把污水直接倒进雨水沟",
        "广场舞音响开到最大没法学习",
        "有人在空地上焚烧旧轮胎",
    ],
    "市政": [
        "路灯坏了一个多月晚上漆黑",
        "窨井盖松动车子压过就咣当响",
        "自来水管爆裂流了三天没人修",
        "桥面伸缩缝破损骑车容易摔跤",
        "公交站台的雨棚漏雨严重",
        "下水道堵塞一下雨就倒灌进屋",
        "红绿灯时间太短老人过不了马路",
        "公园的健身器材断裂割伤小孩",
    ],
}


def _rows() -> list[tuple[str, str]]:
    """Each complaint twice, the second time with a word more: near copies."""
    return [(text + end, label) for label, texts in WRITTEN.items() for text in texts for end in ("请处理", "请处理吧")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of messages as TRIAGE_DATA names it, with one that nobody labelled."""
    path = tmp_path / "data"
    path.mkdir()
    with (path / "questions_unit.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *_rows(), ("没有人看过这一条", "")])
    return path


@pytest.fixture
def messages(folder: Path) -> Messages:
    return read_messages(folder, "department")


def test_messages_without_a_label_are_left_out(messages: Messages) -> None:
    assert len(messages.raw) == len(messages.read) == len(messages.labels) == len(_rows())
    assert messages.raw[0] == "小区过道被违章搭建的棚子占了请处理"


def test_a_text_like_a_text_that_is_like_a_third_is_in_one_group_with_it() -> None:
    first, middle, last = "甲乙丙丁戊己庚辛壬癸", "甲乙丙丁戊己庚辛壬癸子丑寅卯", "戊己庚辛壬癸子丑寅卯"
    other = "东西南北春夏秋冬"
    assert len(set(copy_groups([first, last, other, first, last, other]).tolist())) == 3
    assert copy_groups([first, middle, last, other, other]).tolist() == [0, 0, 0, 1, 1]


def test_near_copies_are_on_one_side_of_every_split(messages: Messages) -> None:
    assert len(set(messages.groups.tolist())) == len(messages.raw) / 2
    for repeat in range(3):
        cut = splits(messages, repeat)
        assert sorted(row for _, asked in cut for row in asked) == list(range(len(messages.raw)))
        for learnt, asked in cut:
            assert not set(messages.groups[learnt]) & set(messages.groups[asked])


def test_every_repeat_cuts_differently_and_each_the_same_every_time(messages: Messages) -> None:
    asked = [[part.tolist() for _, part in splits(messages, repeat)] for repeat in (0, 0, 1)]
    assert asked[0] == asked[1] != asked[2]


def test_the_interval_of_a_gain_is_what_a_hand_calculates() -> None:
    # Five gains: mean 0.02, variance 0.0002 / 4; corrected by 1/5 + 1/4; t of 4 degrees of freedom is 2.776445.
    half = 2.776445 * sqrt(0.0002 / 4 * (1 / 5 + 1 / 4))
    assert paired_interval([0.01, 0.02, 0.03, 0.02, 0.02]) == pytest.approx((0.02, 0.02 - half, 0.02 + half))


def test_scores_gains_and_kept_promises_are_what_a_hand_calculates() -> None:
    labels = np.array(["甲", "甲", "乙", "乙"])
    asked = [[np.array([0, 2]), np.array([1, 3])]]
    classes = np.array(["乙", "甲"])
    baseline = [[Answers(np.array(["甲", "甲"])), Answers(np.array(["甲", "乙"]))]]
    both, only_second, only_first = [True, True], [False, True], [True, False]
    first = Promised(np.array([True, False]), np.array([only_second, both]), classes)
    second = Promised(np.array([True, True]), np.array([only_first, only_first]), classes)
    ours = [[Answers(np.array(["甲", "乙"]), first), Answers(np.array(["乙", "乙"]), second)]]
    found = figures(labels, asked, {"baseline": baseline, "ours": ours}, "baseline")
    assert "gain" not in found["baseline"]
    assert "alone" not in found["baseline"]
    assert found["ours"]["accuracy"] == found["baseline"]["accuracy"] == 0.75
    # 甲: precision 1, recall 1/2; 乙: precision 2/3, recall 1.
    assert found["ours"]["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found["ours"]["gain"]["accuracy"]["mean"] == pytest.approx(
        0.0
    )  # half better in one fold, worse in the other
    assert found["ours"]["alone"] == {"share": 0.75, "precision": pytest.approx(2 / 3)}
    assert found["ours"]["sets"] == {"coverage": 0.75, "size": 1.25}


def test_kept_answers_are_read_as_they_were(tmp_path: Path) -> None:
    promised = Promised(np.array([True, False]), np.array([[True, False], [True, True]]), np.array(["甲", "乙"]))
    save_answers(tmp_path, "plain", Answers(np.array(["甲", "乙"])))
    save_answers(tmp_path, "house", Answers(np.array(["甲", "乙"]), promised))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house.npz", "plain.npy"]
    plain, house = load_answers(tmp_path, "plain", 2), load_answers(tmp_path, "house", 2)
    assert plain is not None
    assert plain.promised is None
    assert plain.labels.tolist() == ["甲", "乙"]
    assert house is not None
    assert house.promised is not None
    assert all((read == kept).all() for read, kept in zip(house.promised, promised, strict=True))


def test_answers_kept_for_other_messages_are_refused(tmp_path: Path) -> None:
    save_answers(tmp_path, "plain", Answers(np.array(["甲", "乙"])))
    with pytest.raises(BadInput, match="plain holds 2 answers for 3 messages"):
        load_answers(tmp_path, "plain", 3)


def test_a_run_that_was_stopped_goes_on_and_computes_nothing_twice(messages: Messages, tmp_path: Path) -> None:
    fitted: list[int] = []

    def fit(texts, labels, groups):
        fitted.append(len(texts))
        return lambda asked: Answers(np.full(len(asked), labels[0]))

    def run():
        return accuracy.measure(messages, "department", {YARDSTICK: Variant("", fit)}, 2, tmp_path, lambda line: None)

    first = run()
    assert len(fitted) == 10
    (tmp_path / f"department-{YARDSTICK}-1-3.npy").unlink()
    assert run() == first
    assert len(fitted) == 11


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_answers_with_a_known_label(name: str, messages: Messages) -> None:
    variant = VARIANTS[name]
    if variant.needs:
        pytest.importorskip(variant.needs)
    texts = messages.raw if variant.raw else messages.read
    learnt, asked = splits(messages, 0)[0]
    predict = variant.fit([texts[row] for row in learnt], messages.labels[learnt], messages.groups[learnt])
    answers = predict([texts[row] for row in asked])
    assert len(answers.labels) == len(asked)
    assert set(answers.labels) <= set(WRITTEN)
    if answers.promised:
        assert answers.promised.sets.any(axis=1).all()


def test_the_command_prints_json_and_keeps_labels_only(folder: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(folder))
    out = tmp_path / "out"
    asked = ["--task", "department", "--repeats", "1", "--variants", "plain", "--out", str(out)]
    assert accuracy.main(asked) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)["department"]
    assert list(found["variants"]) == ["baseline", "plain"]
    assert set(found["variants"]["plain"]["gain"]["macro_f1"]) == {"mean", "low", "high"}
    assert "department: 48 messages in 24 groups" in told.err
    assert len(list(out.iterdir())) == 10
    for path in out.iterdir():
        kept = np.load(path) if path.suffix == ".npy" else np.load(path)["labels"]
        assert set(kept) <= set(WRITTEN)


def test_without_any_messages_it_says_so_and_is_content(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.delenv("TRIAGE_DATA", raising=False)
    monkeypatch.setattr(folds, "DEFAULT_FOLDER", tmp_path / "none")
    assert accuracy.main([]) == 0
    assert f"no real messages at {tmp_path / 'none'}: nothing measured" in capsys.readouterr().err


def test_a_folder_that_was_named_and_is_missing_is_wrong_use(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path / "none"))
    assert accuracy.main([]) == 2
    assert "set TRIAGE_DATA to their folder" in capsys.readouterr().err


def test_a_folder_without_the_file_of_a_task_is_wrong_use(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(tmp_path))
    assert accuracy.main(["--task", "domain", "--out", str(tmp_path / "out")]) == 2
    assert "messages_domain.csv" in capsys.readouterr().err
