"""Files that belong to orders: told by their content, named safely, sealed as they come in."""

from __future__ import annotations

import hashlib
import io
import zipfile
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.attachments.form import UploadForm
from triage.desk.attachments.incoming import PART, Incoming, TooLarge
from triage.desk.attachments.kinds import ELEMENTS, HEAD, KINDS, TAIL, kind_of, misfit
from triage.desk.attachments.names import LONGEST, disposition, safe_name
from triage.domain.errors import BadInput


def office(*parts, filler=b"<xml/>"):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in ("[Content_Types].xml", *parts):
            packed.writestr(part, filler)
    return file.getvalue()


SAMPLES = {
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
    "docx": office("_rels/.rels", "word/document.xml"),
    "xlsx": office("xl/worksheets/sheet1.xml", "xl/workbook.xml"),
    "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "m4a": b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00",
    "amr": b"#!AMR\n\x3c\x91",
    "mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00",
}
"""The smallest beginnings of each kind."""


def kind(content):
    return kind_of(content[:HEAD], content[-TAIL:])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_kind_is_told_by_its_content(name):
    assert kind(SAMPLES[name]) == name


def test_there_is_a_sample_of_every_kind():
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing"),
        (b"<html><script>alert(1)</script></html>", "a page"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "a drawing with scripts"),
        (b"MZ\x90\x00\x03\x00", "a program"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"#!/bin/sh\nrm -rf /", "a script"),
        (b"GIF89a\x01\x00", "a picture of another kind"),
        (b"RIFF\x24\x00\x00\x00AVI LIST", "a film of another kind"),
        (b"\x00\x00\x00\x18ftypheic", "a picture of another kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office file"),
        (b"\xff\xff\xff\xff\xff", "no frame of sound"),
        (b"\xff", "half a mark"),
        (b"PK\x03\x04word/document.xml", "a packed file without its end"),
        (office("readme.txt"), "any packed file"),
        (office("word/document.xml", "word/vbaProject.bin"), "a document with macros"),
    ],
)
def test_what_is_none_of_the_kinds_is_not_taken(content, why):
    assert kind(content) is None, why


def test_sound_without_a_tag_is_known_by_its_first_frame():
    assert kind(b"\xff\xfb\x90\x64" + bytes(400)) == "mp3"


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_whatever_the_bytes_are_the_answer_is_a_kind_or_none(head, tail):
    assert kind_of(head, tail) in {None, *KINDS}


def test_a_picture_is_a_picture_and_a_recording_is_heard():
    assert misfit("before_picture", "png") is None
    assert misfit("before_picture", "mp3") == "before_picture is one of jpg, png, webp, not mp3"
    assert misfit("callback_recording", "amr") is None
    assert misfit("callback_recording", "pdf") is not None
    assert all(misfit("other", one) is None for one in KINDS)


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("现场照片.JPG", "jpg", "现场照片.jpg"),
        ("a.jpeg", "jpg", "a.jpeg"),
        ("..\\..\\windows\\a.png", "png", "a.png"),
        ("/etc/passwd", "pdf", "passwd.pdf"),
        ("page.html", "png", "page.html.png"),
        ("", "wav", "附件.wav"),
        ("...", "wav", "附件.wav"),
        (".jpg", "jpg", "jpg.jpg"),
        ('a"b\r\nSet-Cookie: x;.pdf', "pdf", "abSet-Cookie x;.pdf"),
        ("a\x00b\ud800.pdf", "pdf", "ab.pdf"),
    ],
)
def test_a_name_becomes_one_that_no_system_minds(name, kind, safe):
    assert safe_name(name, kind) == safe


@given(st.text(), st.sampled_from(sorted(KINDS)))
def test_every_name_ends_as_its_kind_and_stays_so(name, kind):
    safe = safe_name(name, kind)
    assert safe.rpartition(".")[2] in KINDS[kind].endings
    assert safe_name(safe, kind) == safe
    assert len(safe) <= LONGEST + 6
    assert not set(safe) & set('\\/:*?"<>|\r\n\x00')
    disposition(safe, "1.x").encode("ascii")


def reversing(_part, content):
    return content[::-1]


@given(st.lists(st.binary(max_size=5), max_size=20))
def test_however_the_bytes_come_in_the_file_is_the_same(pieces):
    content = b"".join(pieces)
    with closing(Incoming(reversing, limit=1_000)) as file:
        for piece in pieces:
            file.write(piece)
        file.finish()
        assert b"".join(one[::-1] for one in file.parts()) == content
        assert (file.size, file.digest) == (len(content), hashlib.sha256(content).digest())


def test_a_large_file_is_sealed_part_by_part():
    seen = []
    content = b"%PDF-" + bytes(2 * PART) + b"end"
    with closing(Incoming(lambda part, one: seen.append((part, len(one))) or one, limit=10**7)) as file:
        for start in range(0, len(content), 60_000):
            file.write(content[start : start + 60_000])
        file.finish()
        assert seen == [(0, PART), (1, PART), (2, 8)]
        assert file.count == 3 and file.kind == "pdf"
        assert file.sealed == hashlib.sha256(content).hexdigest()
        assert b"".join(file.parts()) == content


def test_a_kind_is_told_where_its_end_lies_across_two_parts():
    content = b"PK\x03\x04" + bytes(PART - 30) + office("word/document.xml")
    with closing(Incoming(reversing, limit=10**7)) as file:
        file.write(content)
        file.finish()
        assert file.count == 2 and file.kind == "docx"


def test_a_file_over_the_limit_stops_at_once():
    with closing(Incoming(reversing, limit=10)) as file:
        file.write(bytes(10))
        with pytest.raises(TooLarge, match="larger than the 10 bytes"):
            file.write(b"x")


BOUNDARY = "----4f"


def form_of(body, content_type=f"multipart/form-data; boundary={BOUNDARY}", size=7):
    taken = bytearray()
    form = UploadForm(content_type, taken.extend)
    for start in range(0, len(body), size):
        form.take(body[start : start + size])
    form.finish()
    return form, bytes(taken)


def body_of(*parts, end="--"):
    told = "".join(f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts)
    return f"{told}--{BOUNDARY}{end}\r\n".encode()


ELEMENT, FILE = ('name="element"', "other"), ('name="file"; filename="照片.png"', "content\r\n--")


@pytest.mark.parametrize("parts", [(ELEMENT, FILE), (FILE, ELEMENT)])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_form_is_read_in_whatever_pieces_it_comes(parts, size):
    form, content = form_of(body_of(*parts), size=size)
    assert (form.name, form.fields, content) == ("照片.png", {"element": "other"}, b"content\r\n--")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (body_of(FILE, FILE), "one file"),
        (body_of(('name="file"', "text")), "with its name"),
        (body_of(ELEMENT, ELEMENT), "each once"),
        (body_of(('name="colour"', "red")), "each once"),
        (body_of(('name="element"', "x" * 2_000)), "longer than 1000"),
        (body_of(FILE)[:-20], "cut off"),
        (body_of(FILE, end=""), "cut off"),
        (b"{}", "no multipart"),
        (b"", "cut off"),
    ],
)
def test_a_form_of_another_shape_is_refused(body, fault):
    with pytest.raises(BadInput, match=fault):
        form_of(body)


@pytest.mark.parametrize("content_type", [None, "application/json", "multipart/form-data", "multipart/form-data; x"])
def test_another_content_type_is_refused(content_type):
    with pytest.raises(BadInput, match="boundary"):
        form_of(b"", content_type)


def test_a_boundary_without_end_is_refused():
    with pytest.raises(BadInput, match="too long"):
        form_of(b"", f"multipart/form-data; boundary={'x' * 1_000}")


@given(st.binary(max_size=300))
def test_whatever_is_sent_as_a_form_is_read_or_refused(noise):
    body = body_of(ELEMENT, FILE)
    for sent in (noise, noise + body, body[:60] + noise + body[60:], body + noise):
        try:
            form_of(sent)
        except BadInput:
            continue


def test_every_element_of_a_reply_can_be_attached_and_other_things_too():
    assert {"before_picture", "contact_recording", "legal_documents", "other"} <= set(ELEMENTS)
