"""The documents keep to the house: links lead somewhere, nothing is unlisted, examples are true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = READMES + sorted(DOCS.rglob("*.md"))
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:triage|training|api|tests|docs)/[\w./-]+)")
_TARGET = re.compile(r"\bmake ([a-z-]+)")
_BODY = re.compile(r"-d '(\{.*?\})'", re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
each_readme = pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _prose(page: Path) -> str:
    return _BLOCK.sub("", _text(page))


def _blocks(page: Path, language: str) -> list[str]:
    return [content for found, content in _BLOCK.findall(_text(page)) if found == language]


def _anchors(page: Path) -> set[str]:
    """Headings as they are linked to: lower case, marks dropped, blanks as hyphens."""
    headings = _HEADING.findall(_prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _is_part_of(part: Any, whole: Any) -> bool:
    """Whether an excerpt leaves keys out and changes nothing else."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and _is_part_of(part[key], whole[key]) for key in part)
    return part == whole


@each_page
def test_every_relative_link_leads_somewhere(page):
    for link in _LINK.findall(_prose(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in _anchors(target), f"{page.name} links to {link}: no such heading"


@each_page
def test_every_file_that_is_named_is_there(page):
    for path in _PATH.findall(_prose(page)):
        assert (ROOT / path).exists(), f"{page.name} names {path}"


@each_page
def test_every_json_example_can_be_read(page):
    for block in _blocks(page, "json"):
        json.loads(block)


def test_every_page_is_listed_in_the_index():
    index = DOCS / "index.md"
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in _LINK.findall(_prose(index))}
    assert {page for page in PAGES if page != index} <= listed


def test_the_counts_of_the_taxonomy_are_those_of_the_taxonomy():
    from training.taxonomy import counts, read_taxonomy

    written = read_taxonomy()
    table = "\n".join(counts(written))
    assert table in _text(DOCS / "data-sheet.md"), "put in what python -m training.taxonomy prints"
    assert f"{len(written.categories)} categories in 15 domains" in _text(DOCS / "taxonomy.md")


def test_both_readmes_name_the_same_make_targets_and_all_are_there():
    english, chinese = (set(_TARGET.findall(_text(page))) for page in READMES)
    assert english == chinese
    assert {"run", "test"} <= english
    assert english <= set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))


def test_both_readmes_show_the_same_commands_and_answers():
    def shown(page):
        bash = [re.sub(r"\s+#.*", "", block) for block in _blocks(page, "bash")]
        return bash, _blocks(page, "json")

    assert shown(READMES[0]) == shown(READMES[1])


@each_readme
def test_the_answer_shown_is_what_the_service_answers(page):
    from pydantic import TypeAdapter

    from triage.bootstrap import build
    from triage.desk.requests import check_request
    from triage.domain.decisions import Decision

    body, shown = json.loads(_BODY.search(_text(page))[1]), json.loads(_blocks(page, "json")[0])
    decision = build().decide(check_request(body))
    answer = TypeAdapter(Decision).dump_python(decision, mode="json")
    assert _is_part_of(shown, answer), [key for key in shown if not _is_part_of(shown[key], answer[key])]
