"""What can be set from outside, by environment variables that begin with TRIAGE_."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DATABASE = "sqlite:///triage.db"
"""Where the ledger is kept unless an address is given: in the folder the command is run in."""


class Settings(BaseSettings):
    """All settings; docs/settings.md describes each, and a test holds it to that."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", extra="ignore", frozen=True)

    model: Path | None = Field(
        default=None, description="folder of the model to serve, whatever is promoted; the promoted one unless given"
    )
    models: Path = Field(
        default=Path("triage-models"), description="folder in which the models that may be promoted lie"
    )
    mlflow: str | None = Field(
        default=None, description="address of the MLflow store; an SQLite file beside the folder of models unless given"
    )
    challenger: Path | None = Field(
        default=None,
        description="folder of a model that answers silently beside the one that serves; none unless given",
    )
    packs: Path | None = Field(default=None, description="folder with further policy packs, one YAML file each")
    calendar: Path | None = Field(default=None, description="offline calendar file for years not published yet")
    parameters: dict[str, dict[str, Any]] = Field(
        default={}, description='parameters a town gives, as JSON: {"tangqiao": {"finish_workdays": 5}}'
    )
    body_limit: int = Field(default=2 * 1024 * 1024, ge=1024, description="longest request body in bytes")
    attachment_limit: int = Field(
        default=20 * 1024 * 1024, ge=1024, description="largest attachment of an order in bytes"
    )
    secret: SecretStr | None = Field(
        default=None,
        description="what callers' pseudonyms are keyed with, at least 16 bytes, and what personal data is "
        "sealed with; no ledger without it",
    )
    database: str | None = Field(default=None, description="address of the ledger's database; --database beats it")
    snapshots: Path | None = Field(
        default=None,
        description="folder for snapshots of what is remembered; beside an SQLite database unless given",
    )
    rate_limit: int = Field(default=6000, ge=1, description="requests a minute that one key or session has")
    proxies: str = Field(
        default="", description="addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed"
    )
    retention_months: int | None = Field(
        default=None, ge=1, description="whole months that callers are kept; for ever unless given"
    )
    area_code: str = Field(default="", description="area code of landlines that are written without one, e.g. 021")
    encoder: str | None = Field(
        default=None, description="encoder of titles: a folder or a name; the model's word table unless given"
    )
    encoder_cache: Path | None = Field(default=None, description="folder where a heavier encoder keeps its vectors")
    pairs: Path | None = Field(
        default=None, description="folder of a pair model that was tuned; the default one unless given"
    )

    def database_url(self, given: str | None = None) -> str:
        """The address of the ledger's database: as given, else as set, else the default."""
        return given or self.database or DEFAULT_DATABASE
