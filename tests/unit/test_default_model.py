"""The model that ships, and the written taxonomy it was made from, are what they say they are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from training.taxonomy import SOURCE, read_taxonomy
from triage.classify.store import load_model, read_manifest
from triage.domain.errors import BadInput
from triage.domain.vocabulary import DOMAINS, EMERGENCY_LINES, Complexity, RequestType, Urgency

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ["moushi", "nanmatou", "tangqiao", "yanji", "youyilu"]


@pytest.fixture(scope="module")
def written():
    return read_taxonomy()


@pytest.fixture(scope="module")
def listed():
    return yaml.safe_load((SOURCE / "categories.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def texts(written):
    found = [example.text for one in written.categories for example in one.examples]
    return found + [text for rows in written.signals.values() for text, _ in rows]


def _files(folder):
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}


def test_every_file_beside_the_manifest_is_in_it(default_folder):
    assert set(_files(default_folder)) == {"manifest.json", *read_manifest(default_folder)["files"]}


def test_it_takes_less_than_40_megabytes(default_folder):
    assert sum(path.stat().st_size for path in _files(default_folder).values()) < 40_000_000


def test_it_answers_without_the_libraries_that_only_fitting_needs(default_folder):
    script = f"""
import sys
from pathlib import Path
from triage.classify.store import load_model
model = load_model(Path({str(default_folder)!r}))
reading = model.read("小区路灯坏了，晚上漆黑")
print(reading.may_decide("category"), reading.evidence("category", "street-light"), model.predict(["油烟"]))
print(*sorted({{name.split(".")[0] for name in sys.modules}}))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "numpy" in loaded
    assert not loaded & {"sklearn", "mapie", "cleanlab", "torch", "transformers", "sentence_transformers", "pandas"}


def test_it_never_decides_alone_whatever_its_heads_would_promise(default_folder, service):
    model = service.model
    assert read_manifest(default_folder)["promises"] is model.promises is False
    texts = ["", "灯", "小区路灯坏了", "饭店油烟扰民，油烟呛人，油烟很大"]
    assert not any(answer.auto for answer in model.predict(texts))
    for task, head in model.heads.items():
        assert not model.may_decide(task, np.eye(len(head.classes_))).any()
        assert not any(model.read(text).may_decide(task) for text in texts)


def test_it_promises_nothing_and_knows_every_category(default_folder, service):
    model = load_model(default_folder)
    assert model.promises is False
    assert set(model.heads["category"].classes_) == set(service.taxonomy.ids)
    assert set(model.heads["request_type"].classes_) == set(RequestType)
    assert set(model.heads["urgency"].classes_) == set(Urgency)
    assert set(model.heads["complexity"].classes_) == set(Complexity)
    assert set(model.heads["emergency"].classes_) == set(EMERGENCY_LINES)


def test_the_taxonomy_has_the_fifteen_domains_and_about_a_hundred_and_fifty_categories(listed, service):
    assert tuple(listed) == DOMAINS
    assert len(DOMAINS) == 15
    assert {one.domain for one in service.taxonomy.categories.values()} == set(DOMAINS)
    assert 140 <= len(service.taxonomy.ids) <= 170


def test_ids_and_names_are_those_of_the_list_and_each_stands_once(listed, written, service):
    pairs = [(name, text) for ids in listed.values() for name, text in ids.items()]
    assert len({name for name, _ in pairs}) == len({text for _, text in pairs}) == len(pairs)
    assert [(one.category.id, one.category.name) for one in written.categories] == pairs
    assert [(one.id, one.name) for one in service.taxonomy.categories.values()] == pairs


def test_every_category_is_written_out(written):
    for one in written.categories:
        assert len(one.examples) >= 12, one.category.id
        assert one.category.description and len(one.words) >= 5, one.category.id
        assert set(one.units) == {"sub_district", "county_city"}, one.category.id


def test_look_alikes_name_other_categories(written):
    known = {one.category.id for one in written.categories}
    for one in written.categories:
        assert set(one.look_alikes) <= known - {one.category.id}, one.category.id


def test_every_signal_is_taught_by_examples_of_each_value(written):
    assert {value for _, value in written.signals["emergency"]} == set(EMERGENCY_LINES)
    assert {value for _, value in written.signals["request_type"]} == set(RequestType)
    assert {value for _, value in written.signals["urgency"]} == set(Urgency)
    assert {value for _, value in written.signals["complexity"]} == set(Complexity)


def test_no_text_stands_in_two_categories_or_twice_in_one(written):
    seen: dict[str, str] = {}
    for one in written.categories:
        for example in one.examples:
            assert example.text not in seen, f"{one.category.id} repeats {seen[example.text]}: {example.text}"
            seen[example.text] = one.category.id


def test_no_text_holds_what_could_be_a_telephone_or_identity_number(texts):
    for text in texts:
        assert not re.search(r"\d(?:[\s-]?\d){6}", text), text


def test_no_text_holds_what_cleaning_would_drop(texts):
    for text in texts:
        assert text.strip() == text
        assert not re.search(r"[\x00-\x1f\u200b-\u200f\ufeff\ufffd]", text), repr(text)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_duties_of_every_pack_name_categories_there_are(service, policy):
    duties = service.town(policy).pack.duties
    assert set(duties) <= set(service.taxonomy.ids)
    assert len(duties) >= 20


# --- reading it --------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A taxonomy of one category, sound."""
    example = {"text": "路灯坏了", "type": "help", "urgency": "normal", "complexity": "simple"}
    part = {"description": "路灯", "words": ["路灯"], "look_alikes": [], "unit": {}, "examples": [example] * 12}
    files = {
        "categories.yaml": {"城乡建设": {"street-light": "路灯照明"}},
        "signals.yaml": {"urgency": [{"text": "快来", "value": "urgent"}]},
        "urban.yaml": {"domain": "城乡建设", "categories": {"street-light": part}},
    }
    for name, data in files.items():
        (tmp_path / name).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return tmp_path


def _change(folder, name, change):
    data = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    change(data)
    (folder / name).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")


def _examples(data):
    return data["categories"]["street-light"]["examples"]


def test_a_sound_taxonomy_is_read(folder):
    assert [one.category.name for one in read_taxonomy(folder).categories] == ["路灯照明"]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("categories.yaml", lambda data: data["城乡建设"].update(bench="长椅"), "bench: is listed and not written"),
        ("categories.yaml", lambda data: data.update({"天文": {}}), "天文: is no domain"),
        ("categories.yaml", lambda data: data.update({"城乡建设": {"bench": "长椅"}}), "is not listed under 城乡建设"),
        ("urban.yaml", lambda data: _examples(data).pop(), "has 11 examples, at least 12"),
        ("urban.yaml", lambda data: _examples(data)[0].update(type="rage"), "'rage' is not one"),
        ("signals.yaml", lambda data: data["urgency"][0].update(value="very"), "'very' is not one of"),
    ],
)  # fmt: skip
def test_a_fault_in_the_taxonomy_is_told_with_its_place(folder, name, change, said):
    _change(folder, name, change)
    with pytest.raises(BadInput) as caught:
        read_taxonomy(folder)
    assert said in str(caught.value)
