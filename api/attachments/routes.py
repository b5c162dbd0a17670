"""/v1/orders/{id}/attachments: attach a file, list what there is, fetch one."""

# Annotations are evaluated here as they stand: FastAPI cannot look up what is local to `attachment_routes`.
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.access.gate import Gate
from api.attachments.form import read_form
from api.attachments.schemas import CONTENT, FORM, AttachmentPage, AttachmentRead
from api.errors import PROBLEM
from triage.desk.access.rights import Right
from triage.desk.attachments.attaching import AttachmentKept, Upload, attach, begin_upload
from triage.desk.attachments.incoming import TooLarge
from triage.desk.attachments.names import disposition
from triage.desk.attachments.reading import ContentErased, list_attachments, open_attachment
from triage.desk.orders.books import Books
from triage.domain.errors import BadInput, Problem
from triage.domain.people import Actor

DEFAULT_LIMIT = 20 * 1024 * 1024
ENVELOPE = 64 * 1024
"""So many bytes a request may have around its file: the form's other field, headers and boundaries."""

ATTACHMENT_PATH = re.compile(r"/v1/orders/[^/]+/attachments")
"""The path whose bodies are read as they come in."""

Number = Annotated[int, Path(ge=1, le=1_000_000)]


def attachment_routes(books: Books, gate: Gate, limit: int = DEFAULT_LIMIT) -> APIRouter:
    """The routes, around the books; a file has at most `limit` bytes."""
    router = APIRouter(prefix="/v1/orders/{order_id}/attachments", tags=["attachments"], responses=PROBLEM)
    reader = Annotated[Actor, Depends(gate.needs(Right.READ_ORDERS))]

    @router.post(
        "", status_code=201, responses={200: {"description": "The content was attached before"}}, openapi_extra=FORM
    )
    async def take_in(
        order_id: str, request: Request, by: Annotated[Actor, Depends(gate.needs(Right.RECORD))], response: Response
    ) -> AttachmentRead:
        """Attach one file; the same content again changes nothing. Its kind is told by its content."""
        # Read here and not by the framework: that would take in the whole body before it knows who asks.
        upload = await run_in_threadpool(begin_upload, order_id, limit, books, by)
        try:
            kept = await _kept(request, upload, books, by)
        except TooLarge as error:
            raise HTTPException(413, str(error)) from None
        finally:
            upload.file.close()
        if not kept.is_new:
            response.status_code = 200
        return AttachmentRead(order_id=upload.order_id, number=kept.number)

    @router.get("")
    def attachments(order_id: str, by: reader, response: Response) -> AttachmentPage:
        """What the order has attached; names only for who may read what is personal."""
        found = list_attachments(order_id, books, by)
        response.headers["ETag"] = f'"{found.version}"'
        return AttachmentPage(items=list(found.items))

    @router.get("/{number}", response_class=StreamingResponse, responses=CONTENT)
    def attachment(order_id: str, number: Number, by: reader) -> Response:
        """One attachment's content, to be saved; every time it is fetched is put into the audit log."""
        try:
            content = open_attachment(order_id, number, books, by)
        except ContentErased as error:
            raise HTTPException(410, str(error)) from None
        view = content.view
        headers = {
            "Content-Disposition": disposition(str(view.name), f"{view.number}.{view.kind}"),
            "Content-Length": str(view.size),
        }
        return StreamingResponse(content.parts, media_type=view.media_type, headers=headers)

    return router


async def _kept(request: Request, upload: Upload, books: Books, by: Actor) -> AttachmentKept:
    form = await read_form(request, upload.file.write)
    if form.name is None or "element" not in form.fields:
        missing = [name for name, there in (("element", "element" in form.fields), ("file", form.name)) if not there]
        raise BadInput("the form does not fit", [Problem((name,), "is missing") for name in missing])
    await run_in_threadpool(upload.file.finish)
    return await run_in_threadpool(attach, upload, form.name, form.fields["element"], books, by)
