"""What is answered around alerts."""

from __future__ import annotations

from pydantic import BaseModel

from triage.desk.alerts import AlertView


class AlertPage(BaseModel):
    """One page of alerts, the latest raised first; `cursor` begins the next page and is null on the last."""

    items: list[AlertView]
    cursor: str | None
