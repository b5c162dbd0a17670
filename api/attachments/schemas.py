"""What is answered around attachments, and what a request with a file looks like."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from api.errors import PROBLEM
from triage.desk.attachments.kinds import ELEMENTS, KINDS
from triage.desk.attachments.reading import AttachmentView


class AttachmentPage(BaseModel):
    """All attachments of an order, by number; `cursor` is always null."""

    items: list[AttachmentView]
    cursor: str | None = None


class AttachmentRead(BaseModel):
    """The attachment as it is kept; its content is at /v1/orders/{order_id}/attachments/{number}."""

    order_id: str
    number: int


FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["element", "file"],
                    "properties": {
                        "element": {"type": "string", "enum": list(ELEMENTS), "description": "what the file is"},
                        "file": {
                            "type": "string",
                            "contentMediaType": "application/octet-stream",
                            "description": f"one file, with its name: {', '.join(KINDS)}",
                        },
                    },
                }
            }
        },
    }
}
"""The body of an upload, for the description: the route reads it itself, after it knows who asks."""

CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The content, to be saved",
        "content": {kind.media_type: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()},
    },
    410: {**PROBLEM[404], "description": "The order's caller was erased, and its files with it"},
}
