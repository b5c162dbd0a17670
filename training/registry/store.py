"""Runs and versions in MLflow: an SQLite file beside the models unless a server is named.

The ledger says which model answers; the alias `champion` follows it, and what is lost here can be logged again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.registry import served
from triage import __version__
from triage.classify.shelf import ShelvedModel
from triage.desk.learning.champion import Promotion, in_force
from triage.domain.errors import BadInput, Problem, TriageError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
_VERSION, _PROMOTED = "triage_version", "promoted"
_NEEDED = ("joblib", "numpy", "safetensors", "scipy")


class RegistryFault(TriageError):
    """The store of runs cannot be used just now."""


@dataclass(frozen=True)
class Run:
    """What is put down of one retraining; nothing in it is a citizen's.

    `data` maps what was learnt from and judged by to its digest; `figures` are metrics by name.
    """

    purpose: str
    parameters: Mapping[str, Any]
    figures: Mapping[str, float]
    data: Mapping[str, str]
    plots: Mapping[str, Figure]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Registered:
    """Where a model stands in the registry: its number there, and the run that made it."""

    name: str
    number: str
    run: str
    uri: str


def is_installed() -> bool:
    """Whether MLflow is there."""
    return find_spec("mlflow") is not None


def refuse_without_mlflow(command: str) -> None:
    """BadInput with what to install where MLflow is missing."""
    if not is_installed():
        fault = "needs MLflow: pip install 'hotline-triage[training]'"
        raise BadInput(command, [Problem((), fault)])


class Registry:
    """The store at an address, `sqlite:///PATH` or `http…`; without one an SQLite file beside the folder of models."""

    def __init__(self, models: Path, uri: str | None = None) -> None:
        self._folder = models.resolve().with_name(f"{models.resolve().name}.mlflow")
        self.uri = uri or f"sqlite:///{self._folder}/mlflow.db"

    @property
    def exists(self) -> bool:
        """Whether anything can be there: a server says so itself, a file is there or not."""
        return not self.uri.startswith("sqlite:") or Path(self.uri.removeprefix("sqlite:///")).is_file()

    def log(self, run: Run, model: ShelvedModel) -> Registered:
        """Put a run down with its model, and register it as the challenger of its name. RegistryFault where the store
        cannot be used; a run that is broken off stays there as failed."""
        with self._client() as client:
            import mlflow

            experiment = self._experiment(client, run.purpose)
            with mlflow.start_run(experiment_id=experiment, run_name=f"{model.name}-{model.version}") as active:
                mlflow.log_params(dict(run.parameters))
                mlflow.log_metrics(dict(run.figures))
                mlflow.set_tags({**run.tags, **_known_by(model)})
                _log_data(run.data)
                for name, figure in run.plots.items():
                    mlflow.log_figure(figure, f"plots/{name}.png")
                logged = _log_model(model)
            found = _registered(client, model, logged, active.info.run_id)
            client.set_registered_model_alias(model.name, CHALLENGER, found.version)
            return Registered(model.name, str(found.version), active.info.run_id, f"models:/{model.name}@{CHALLENGER}")

    def follow(self, history: Sequence[Promotion]) -> None:
        """Let the aliases say what the ledger says: the model that answers is `champion` and no longer `challenger`,
        and each version's tag tells which promotions were its own. What is not registered here is passed over."""
        standing = in_force(history)
        with self._client() as client:
            for registered in client.search_registered_models():
                versions = list(client.search_model_versions(f"name = '{registered.name}'"))
                for one in versions:
                    told = [str(promotion.seq) for promotion in history if _is(one, promotion)]
                    if told:
                        client.set_model_version_tag(one.name, one.version, _PROMOTED, ",".join(told))
                champion = next((one for one in versions if standing and _is(one, standing[0])), None)
                _put_aliases(client, registered.name, dict(registered.aliases), champion)

    @contextmanager
    def _client(self) -> Iterator[MlflowClient]:
        """A client of the store; only what needs it imports MLflow, which takes seconds."""
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
        if self.uri.startswith("sqlite:"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        import mlflow
        from mlflow.exceptions import MlflowException

        before = mlflow.get_tracking_uri()
        mlflow.set_tracking_uri(self.uri)
        try:
            yield mlflow.MlflowClient(self.uri, self.uri)
        except MlflowException as error:
            raise RegistryFault(f"the store of runs cannot be used: {str(error).splitlines()[0][:300]}") from error
        finally:
            mlflow.set_tracking_uri(before)

    def _experiment(self, client: MlflowClient, purpose: str) -> str:
        found = client.get_experiment_by_name(purpose)
        if found is not None:
            return str(found.experiment_id)
        # A server knows where its artefacts go; an SQLite file would put them into the folder the command is run in.
        place = (self._folder / "artifacts").as_uri() if self.uri.startswith("sqlite:") else None
        return str(client.create_experiment(purpose, artifact_location=place))


def _log_data(data: Mapping[str, str]) -> None:
    """Digests of the data, with nothing of the data itself."""
    import mlflow
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    for name, known in data.items():
        source = CodeDatasetSource({"sha256": known})
        mlflow.log_input(MetaDataset(source, name=name, digest=known[:36]), context=name)


def _log_model(model: ShelvedModel) -> Any:
    """The folder as a pyfunc model, with signature and an invented example; what it needs is named, not guessed."""
    import mlflow
    from mlflow.models.signature import ModelSignature
    from mlflow.types.schema import ColSpec, Schema

    asked = Schema([ColSpec("string", "text"), ColSpec("string", "title", required=False)])
    types = (("string", "label"), ("double", "confidence"), ("boolean", "auto"), ("string", "set"))
    return mlflow.pyfunc.log_model(
        name="pyfunc",
        loader_module=served.__name__,
        data_path=str(model.folder.resolve()),
        model_config={served.DIGEST: model.digest},
        signature=ModelSignature(asked, Schema([ColSpec(kind, name) for kind, name in types])),
        input_example={"text": ["小区门口路灯不亮已经三天"], "title": ["路灯不亮"]},
        pip_requirements=[f"hotline-triage=={__version__}", *(f"{name}=={version(name)}" for name in _NEEDED)],
        metadata=_known_by(model),
    )


def _known_by(model: ShelvedModel) -> dict[str, str]:
    return {_VERSION: model.version, served.DIGEST: model.digest}


def _registered(client: MlflowClient, model: ShelvedModel, logged: Any, run: str) -> ModelVersion:
    from mlflow.exceptions import MlflowException

    try:
        client.get_registered_model(model.name)
    except MlflowException:
        client.create_registered_model(model.name)
    tags = _known_by(model)
    return client.create_model_version(model.name, logged.model_uri, run, tags=tags, model_id=logged.model_id)


def _is(one: ModelVersion, promotion: Promotion) -> bool:
    return bool(one.name == promotion.name and one.tags.get(served.DIGEST) == promotion.digest)


def _put_aliases(client: MlflowClient, name: str, aliases: Mapping[str, str], champion: ModelVersion | None) -> None:
    if champion is None:
        if CHAMPION in aliases:
            client.delete_registered_model_alias(name, CHAMPION)
        return
    if str(aliases.get(CHAMPION)) != str(champion.version):
        client.set_registered_model_alias(name, CHAMPION, champion.version)
    if str(aliases.get(CHALLENGER)) == str(champion.version):
        client.delete_registered_model_alias(name, CHALLENGER)
