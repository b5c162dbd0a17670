"""What the console's log-in sends and is answered."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LogInIn(BaseModel):
    """A name and a password; `repr` keeps the password to itself."""

    model_config = {"extra": "forbid"}

    name: str = Field(max_length=200)
    password: str = Field(max_length=1000, repr=False)


class SessionRead(BaseModel):
    """Who is logged in; `csrf` goes into the header X-CSRF-Token of every change that the page makes."""

    name: str
    role: str
    policy: str | None
    unit: str | None
    csrf: str
