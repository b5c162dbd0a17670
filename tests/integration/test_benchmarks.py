"""The benchmarks' parts work; how fast anything is, no test asserts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("jieba")
pytest.importorskip("flask")

from benchmarks import rounds
from benchmarks.baseline import fit_baseline, predict_one
from benchmarks.peers.flask_tfidf import create_app, fit_pickles
from benchmarks.processes import Server, run_command
from benchmarks.report import lines
from benchmarks.rounds import BATCH, ONE, SERVICE, Contestant, order_of, ratios
from benchmarks.stages import CHECK, REST, SERIALISE, STAGES, stage_costs
from benchmarks.texts import complaints, real_complaints
from triage.bootstrap import build

EXAMPLES = [
    ("楼下饭店油烟直排", "catering-fumes", "环境保护"),
    ("烧烤店夜里油烟很大", "catering-fumes", "环境保护"),
    ("小区路灯坏了没人修", "street-lights", "城乡建设"),
    ("路灯不亮，晚上看不见路", "street-lights", "城乡建设"),
]


def test_generated_complaints_have_the_wanted_length_and_are_the_same_every_time() -> None:
    made = complaints(50, length=150, seed=7)
    assert {len(text) for text, _ in made} == {150}
    assert made == complaints(50, length=150, seed=7)
    assert made != complaints(50, length=150, seed=8)


def test_generated_complaints_differ_and_come_from_many_categories() -> None:
    made = complaints(200)
    assert len({text for text, _ in made}) > 190
    assert len({category for _, category in made}) > 50


def test_real_complaints_are_cut_to_the_wanted_length_and_short_ones_left_out(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["title", "text"], ["路灯", "坏了" * 50], ["短", "的"]])
    assert real_complaints(path, 10, length=20) == ["路灯\n" + "坏了" * 8 + "坏"]


def test_the_yardstick_answers() -> None:
    model = fit_baseline([row[0] for row in EXAMPLES], [row[1] for row in EXAMPLES])
    assert predict_one(model, "饭店的油烟熏得头疼") == "catering-fumes"


def test_the_flask_peer_answers_with_main_and_sub_category(tmp_path: Path) -> None:
    fit_pickles(tmp_path, EXAMPLES)
    answer = create_app(tmp_path).test_client().post("/predict", json={"text": "小区的路灯不亮"})
    assert answer.status_code == 200
    assert answer.json["sub"][0]["label"] == "street-lights"
    assert answer.json["main"][0]["label"] == "城乡建设"


def test_every_stage_of_a_decision_is_clocked_and_the_functions_are_given_back() -> None:
    service = build()
    costs = stage_costs(service, [order_of("小区路灯不亮"), order_of("饭店油烟直排")])
    assert list(costs) == [CHECK, *(stage for stage, _, _ in STAGES), REST, SERIALISE]
    assert all(costs[stage] > 0 for stage, _, _ in STAGES)
    from triage.desk import suggest

    assert not hasattr(suggest.judge, "__wrapped__")


def test_the_service_is_asked_in_turns_with_the_yardstick(tmp_path: Path) -> None:
    model = fit_baseline([row[0] for row in EXAMPLES], [row[1] for row in EXAMPLES])
    service = rounds.CONTESTANTS[0]
    texts = [text for text, _ in complaints(4)]
    servers = rounds.take_turns([service], model, texts, rounds=2)
    assert set(servers) == {ONE, BATCH, SERVICE}
    assert len(servers[SERVICE]["cpu_ms_by_round"]) == 2
    found = {name: {by: {"median": 1.0, "least": 1.0, "most": 1.0} for by in (ONE, BATCH)} for name in servers}
    figures = {
        "machine": {"cores": 2, "load": 0.0, "python": "3.11"},
        "texts": {"count": 4, "length": 150, "source": "generated"},
        "servers": servers,
        "ratios": found,
        "missing": {"a peer": ["flask"]},
        "stages": {"clean": 0.1},
    }
    told = "\n".join(lines(figures))
    assert "a peer: not installed (flask)" in told
    assert "triage serve over the yardstick one at a time: 1.00" in told


def test_a_ratio_is_taken_round_by_round() -> None:
    found = ratios({"cpu_ms_by_round": [2.0, 9.0, 8.0]}, {"cpu_ms_by_round": [1.0, 3.0, 4.0]})
    assert found == {"median": 2.0, "least": 2.0, "most": 3.0}


def test_a_peer_without_its_library_says_which_is_missing() -> None:
    peer = Contestant("a peer", ("-m", "nothing"), "/", order_of, ("json", "no_such_library"))
    assert peer.missing == ["no_such_library"]


def test_a_server_that_ends_at_once_is_reported() -> None:
    with pytest.raises(RuntimeError, match="ended before it was ready"), Server(("-c", "pass"), "/"):
        pass


def test_a_command_is_measured_from_start_to_end() -> None:
    run = run_command(["-c", "pass"])
    assert run.wall > 0
    assert run.cpu >= 0
