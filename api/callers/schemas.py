"""What is sent and answered around callers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field


class EraseIn(BaseModel):
    """Why a caller is erased."""

    model_config = {"extra": "forbid"}

    why: Annotated[str, Field(min_length=1, max_length=2_000, description="why; names and numbers in it are not kept")]


class ErasedRead(BaseModel):
    """How many orders lost their caller, how many keys were destroyed."""

    orders: int
    keys: int
