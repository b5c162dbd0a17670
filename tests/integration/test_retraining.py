"""From orders to a champion: fitted, judged, registered in MLflow, promoted, and read back as a pyfunc."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.integration.kept import ADMIN
from tests.integration.retrained import orders, small_taxonomy
from training.registry.store import Registry
from training.retraining.retrain import Bench, Retrained, retrain
from training.retraining.table import lessons_of_table
from triage.bootstrap import Service, build, default_model
from triage.classify.features import as_read
from triage.classify.store import load_model
from triage.desk.learning.champion import promote, promotions, roll_back
from triage.desk.learning.verdict import verdict_of
from triage.domain.errors import BadInput, ModelFault
from triage.settings import Settings

pytestmark = [
    pytest.mark.xdist_group("mlflow"),
    pytest.mark.filterwarnings("default"),  # MLflow's own affairs
]
TEXTS = [one.text for one in orders(40, seed=5)]


@dataclass(frozen=True)
class _Town:
    service: Service
    registry: Registry
    done: Retrained


def _bench(service: Service, registry: Registry, said: list[str]) -> Bench:
    return Bench(
        shelf=service.models,
        written=small_taxonomy(),
        words=default_model(),
        registry=registry,
        rng=np.random.default_rng(0),
        clock=time.thread_time,
        say=said.append,
    )


def _service(folder: Path) -> Service:
    return build(Settings(model=None, packs=None, calendar=None, parameters={}, models=folder / "models"))


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> _Town:
    folder = tmp_path_factory.mktemp("town")
    service, registry = _service(folder), Registry(folder / "models")
    return _Town(
        service,
        registry,
        retrain("town", "a test", orders(1_100, seed=1), [], _bench(service, registry, []), precision=0.9),
    )


@pytest.fixture
def mlflow(town) -> Iterator[object]:
    import mlflow

    mlflow.set_tracking_uri(town.registry.uri)
    yield mlflow
    mlflow.set_tracking_uri(None)


def _aliases(mlflow) -> dict[str, str]:
    return dict(mlflow.MlflowClient().get_registered_model("town").aliases)


def test_a_challenger_that_knows_the_town_passes_and_lies_whole_on_the_shelf(town):
    done = town.done
    assert done.verdict.passed, done.verdict.reasons
    figures = done.verdict.measured["tasks"]["category"]
    assert figures["accuracy"]["challenger"] > figures["accuracy"]["champion"] + 0.2
    assert verdict_of(done.model) == done.verdict
    assert {"card.md", "labels.json", "gate.json"} <= set(done.model.manifest["files"])
    assert done.model.manifest["held_back"] == {"category": 220}
    model = load_model(done.model.folder, done.model.digest)
    assert set(model.heads) == {"category", "request_type", "urgency", "complexity", "emergency"}
    promise = model.heads["category"].promise_
    assert 0 < promise.held_out <= 880, "promises rest on the town's orders, not on written examples"
    written = b"".join(path.read_bytes() for path in done.model.folder.glob("*.*") if path.suffix != ".safetensors")
    assert not any(text.encode() in written for text in TEXTS)


def test_the_run_is_in_the_store_with_all_that_was_measured(town, mlflow):
    run = mlflow.get_run(town.done.registered.run)
    assert mlflow.get_experiment(run.info.experiment_id).name == "retrain"
    assert run.info.status == "FINISHED"
    assert run.data.params["champion"].startswith("default ")
    assert run.data.params["learnt_category"] == "880"
    assert run.data.metrics["tasks.category.accuracy.challenger"] > 0.9
    assert run.data.metrics["bytes.challenger"] > 1_000_000
    assert (run.data.tags["gate"], run.data.tags["triage_version"]) == ("passed", town.done.model.version)
    digests = {one.dataset.name: one.dataset.digest for one in run.inputs.dataset_inputs}
    assert digests["learnt"] == town.done.model.manifest["learnt_sha256"][:36]
    plots = {Path(one.path).name for one in mlflow.MlflowClient().list_artifacts(run.info.run_id, "plots")}
    assert plots == {"confusion.png", "reliability.png", "coverage.png"}
    assert _aliases(mlflow) == {"challenger": 1} or _aliases(mlflow) == {"challenger": "1"}


def test_the_pyfunc_answers_as_the_folder_does(town, mlflow):
    import pandas as pd

    loaded = mlflow.pyfunc.load_model(town.done.registered.uri)
    assert loaded.metadata.signature.inputs.input_names() == ["text", "title"]
    model = load_model(town.done.model.folder)
    for titles in ([""] * len(TEXTS), ["路灯"] * len(TEXTS)):
        found = loaded.predict(pd.DataFrame({"text": TEXTS, "title": titles}))
        expected = model.predict([as_read(title, text) for title, text in zip(titles, TEXTS, strict=True)])
        assert found["label"].tolist() == [one.label for one in expected]
        assert found["confidence"].tolist() == [one.confidence for one in expected]
        assert found["auto"].tolist() == [one.auto for one in expected]
        assert found["set"].tolist() == ["|".join(one.labels) for one in expected]
    bare = loaded.predict(pd.DataFrame({"text": TEXTS}))
    assert bare["label"].tolist() == [one.label for one in model.predict([as_read("", text) for text in TEXTS])]


def test_an_exchanged_artefact_is_not_loaded(town, mlflow, tmp_path):
    copy = Path(mlflow.artifacts.download_artifacts(town.done.registered.uri, dst_path=str(tmp_path)))
    (path,) = copy.rglob("category.joblib")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelFault, match=r"category\.joblib is not the file the manifest names"):
        mlflow.pyfunc.load_model(str(copy))
    (manifest,) = copy.rglob("manifest.json")
    manifest.write_text(manifest.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(ModelFault, match="not the one that was promoted"):
        mlflow.pyfunc.load_model(str(copy))


def test_aliases_follow_the_ledger_there_and_back(town, mlflow, tmp_path):
    ledger = town.service.ledger(f"sqlite:///{tmp_path}/ledger.db")
    given = {"shelf": town.service.models, "ledger": ledger, "by": ADMIN, "try_on": town.service.try_on}

    def follow() -> dict[str, str]:
        with ledger.database.reading() as connection:
            town.registry.follow(promotions(connection))
        return {name: str(number) for name, number in _aliases(mlflow).items()}

    assert follow() == {"challenger": "1"}
    done = promote("town", town.done.model.version, "better", **given)
    assert done.measured == town.done.verdict.measured
    assert follow() == {"champion": "1"}
    assert follow() == {"champion": "1"}, "twice is as good as once"
    assert mlflow.MlflowClient().get_model_version("town", "1").tags["promoted"] == str(done.seq)
    roll_back("worse", **given)
    assert follow() == {}
    mlflow.MlflowClient().set_registered_model_alias("town", "challenger", "1")
    ledger.database.close()


def test_who_breaks_off_leaves_no_half_of_a_model(tmp_path):
    service, registry = _service(tmp_path), Registry(tmp_path / "models")

    def break_off(line: str) -> None:
        if line == "judging":
            raise KeyboardInterrupt

    bench = replace(_bench(service, registry, []), say=break_off)
    with pytest.raises(KeyboardInterrupt):
        retrain("town", "a test", orders(200, seed=2), [], bench, precision=0.9)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_judged_is_told_before_anything_is_fitted(tmp_path):
    service, registry = _service(tmp_path), Registry(tmp_path / "models")
    said: list[str] = []
    with pytest.raises(BadInput, match="too few"):
        retrain("town", "a test", orders(1, seed=2), [], _bench(service, registry, said), precision=0.9)
    types = [replace(one, task="request_type", label="help") for one in orders(50, seed=2)]
    with pytest.raises(BadInput, match="no held-back order has a category"):
        retrain("town", "a test", types, [], _bench(service, registry, said), precision=0.9)
    assert said == []


def test_a_table_names_categories_by_id_or_by_name_and_its_faults_all_at_once(written, service):
    table = (
        "title,text,what,at\n灯,路灯不亮,路灯照明,2026-03-02 09:00\n"
        ",井盖响,manhole-cover,2026-03-03 09:00\n,无,,2026-03-04 09:00\n"
    )
    said: list[str] = []
    first, second = lessons_of_table(
        written("a.csv", table), ["title", "text"], "what", "at", service.taxonomy, said.append
    )
    assert (first.label, second.label, first.title, second.text) == ("street-light", "manhole-cover", "灯", "井盖响")
    assert first.at < second.at
    assert said == ["1 rows without what are left out"]
    path = written("b.csv", "text,what\n路灯不亮,龙\n井盖响,manhole-cover\n油烟,凤\n")
    with pytest.raises(BadInput) as refused:
        lessons_of_table(path, ["text"], "what", None, service.taxonomy, said.append)
    assert [problem.loc for problem in refused.value.problems] == [("row 2", "what"), ("row 4", "what")]
    path = written("c.csv", "text,what\n" + "".join(f"路灯不亮{number},street-light\n" for number in range(30)))
    untimed = [lessons_of_table(path, ["text"], "what", None, service.taxonomy, said.append) for _ in range(2)]
    assert untimed[0] == untimed[1]
    assert [one.at for one in untimed[0]] != sorted(one.at for one in untimed[0]), "drawn by chance"
