"""The HTTP face, with the real application and the model that ships."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi.openapi.models import OpenAPI
from starlette.testclient import TestClient

from api.app import create_app
from training.fit import Examples, fit_model
from triage.bootstrap import build
from triage.classify.features import TextFeatures, as_read
from triage.classify.store import save_model
from triage.domain.errors import ModelFault
from triage.settings import Settings

ORDER = {"received_at": "2026-03-02T09:00", "text": "小区门口烧烤店每天半夜油烟很大，熏得睡不着"}
POLICIES = ["moushi", "nanmatou", "tangqiao", "yanji", "youyilu"]
NAME, PHONE = "欧阳晓晓", "13987654321"
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def client(service):
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        yield client


def _post(client, body, **headers):
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.post("/v1/decisions", content=content, headers={"content-type": "application/json", **headers})


def _ask(client, policy="nanmatou", facts=None, as_of=None, **changes):
    body = {"policy": policy, "order": {**ORDER, **changes}, "facts": facts or {}}
    return _post(client, {**body, "as_of": as_of} if as_of else body)


def _problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "errors"}
    assert body["status"] == status
    assert body["title"] and body["detail"]
    for fault in body["errors"]:
        assert set(fault) == {"loc", "msg"}
        assert isinstance(fault["loc"], list)
    return {".".join(map(str, fault["loc"])): fault["msg"] for fault in body["errors"]}


# --- decisions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_every_pack_decides_and_cites_its_own_clauses(client, policy):
    answer = _ask(client, policy, id="a-1")
    assert answer.status_code == 200
    decision = answer.json()
    assert decision["order_id"] == "a-1"
    assert decision["policy"]["id"] == policy
    assert decision["category"][0]["name"] == "餐饮油烟"
    assert len(decision["category"]) == 3 and decision["category"][0]["in_set"]
    assert decision["dispatch"]["clause"] in {step["clause"] for step in decision["trace"]}
    known = {clause["id"] for clause in client.get(f"/v1/policies/{policy}").json()["clauses"]}
    cited = [decision["dispatch"], *decision["obligations"], *decision["if_dispatched"], *decision["alerts"]]
    assert {one["clause"] for one in cited} <= known


def test_the_model_that_ships_never_decides_alone(client):
    assert not any(_ask(client, policy).json()["dispatch"]["auto"] for policy in POLICIES)


def test_a_stated_fact_beats_what_is_read(client):
    read = _ask(client).json()
    stated = _ask(
        client, facts={"urgency": "urgent", "request_type": "suggestion", "issue_today": 5, "issue_week": 9}
    ).json()
    assert read["urgency"]["value"] == "normal"
    assert stated["urgency"] == {"value": "urgent", "confidence": 1.0}
    assert stated["request_type"] == {"value": "suggestion", "confidence": 1.0}
    assert (stated["issue"]["today"], stated["issue"]["week"]) == (5, 9)


def test_a_stated_emergency_changes_who_decides(client):
    modes = {facts: _ask(client, facts={"emergency": facts}).json()["dispatch"]["mode"] for facts in (True, False)}
    assert modes[True] != modes[False]


def test_a_stated_request_type_of_the_order_is_taken_as_it_is(client):
    assert _ask(client, request_type="consultation").json()["request_type"] == {
        "value": "consultation",
        "confidence": 1.0,
    }


def test_before_the_order_came_in_nothing_is_owed_for_it(client):
    before = _ask(client, as_of="2026-03-01T09:00").json()
    assert before["as_of"] == "2026-03-01T09:00:00+08:00"
    assert before["obligations"] == []
    assert _ask(client, as_of="2026-03-02T09:00").json()["obligations"]


def test_a_time_without_an_offset_is_shanghais(client):
    answers = [
        _ask(client, received_at=time).json()["obligations"] for time in ("2026-03-02T09:00", "2026-03-02T01:00:00Z")
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "\x00\x07"])
def test_a_text_that_says_nothing_is_left_to_a_person(client, text):
    decision = _ask(client, text=text).json()
    assert decision["category"] == [] and decision["units"] == []
    assert decision["dispatch"]["auto"] is False


@pytest.mark.parametrize("text", ["zzzz qqqq", "The noise next door is terrible", "привет", "12345 67"])
def test_a_text_without_a_known_chinese_word_lists_categories_and_names_no_unit(client, text):
    answer = _ask(client, text=text).json()
    assert len(answer["category"]) == 3
    assert answer["units"] == []
    assert answer["evidence"] == {}
    assert not answer["dispatch"]["auto"]


def test_the_page_at_docs_needs_no_other_host(client):
    page = client.get("/docs").text
    assert "swagger-ui" in page
    assert "://" not in page


def test_a_title_alone_is_read(client):
    assert _ask(client, text="", title="路灯不亮").json()["category"][0]["name"] == "路灯照明"


@pytest.mark.parametrize(
    "text",
    [
        "饭店油烟太大，" * 14_286,
        "灯" * 100_000,
        "😡" * 100_000,
        "<" * 100_000,
        "&" * 100_000,
        "路灯\x00\x1b\u202e不亮😡𠮷",
    ],
    ids=["100,000 characters", "one character", "emoji", "angle brackets", "ampersands", "hostile"],
)
def test_an_odd_or_very_long_text_is_answered(client, text):
    answer = _ask(client, text=text)
    assert answer.status_code == 200
    for span in answer.json()["evidence"].get("category", []):
        assert span["text"] == text[span["start"] : span["end"]]


def test_the_same_question_gets_the_same_answer(client):
    assert _ask(client).content == _ask(client).content


def test_batch_and_api_give_the_same_decision(client, triage, tmp_path):
    bodies = [{"policy": policy, "order": {**ORDER, "id": policy, "title": "油烟"}} for policy in POLICIES]
    path = tmp_path / "orders.jsonl"
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    batch = triage("decide", "--file", path)
    assert [json.loads(line) for line in batch.out.splitlines()] == [_post(client, body).json() for body in bodies]


# --- what cannot be asked ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("hello", "Expecting value"),
        ("{", ""),
        ("[" * 100_000 + "]" * 100_000, "not nested too deeply"),
        (b'{"policy": "\xff\xfe"}', "must be JSON in UTF-8"),
        (json.dumps({"policy": "nanmatou", **ORDER}, ensure_ascii=False).encode("gb18030"), "must be JSON in UTF-8"),
        ('{"facts": {"issue_today": ' + "9" * 5000 + "}}", "must be JSON"),
    ],
    ids=["text", "cut off", "deep", "wrong bytes", "GB18030", "5,000 digits"],
)  # fmt: skip
def test_a_body_that_is_not_json_is_400(client, body, said):
    faults = _problem(_post(client, body), 400)
    assert said in faults[""]


@pytest.mark.parametrize("body", ["", "null", "[]", "5", '"text"', "NaN"])
def test_a_body_that_is_no_object_is_422(client, body):
    assert _problem(_post(client, body), 422)


def test_a_body_not_sent_as_json_is_told_so(client):
    answer = client.post("/v1/decisions", content=json.dumps({"policy": "nanmatou", "order": ORDER}))
    assert _problem(answer, 422) == {"": "must be a JSON object, sent as application/json"}


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"text": 5}, "order.text", "valid string"),
        ({"text": None}, "order.text", "valid string"),
        ({"text": "a" * 1_000_001}, "order.text", "at most 1000000 characters"),
        ({"text": "\ud800"}, "order.text", "unicode"),
        ({"title": ["a"]}, "order.title", "valid string"),
        ({"received_at": "2026-02-30T09:00"}, "order.received_at", "day is out of range for month"),
        ({"received_at": "2026-03-02"}, "order.received_at", "the time of day is missing"),
        ({"received_at": 1772413200}, "order.received_at", "must be a text such as"),
        ({"received_at": float("nan")}, "order.received_at", "must be a text such as"),
        ({"received_at": "9999-12-31T23:59"}, "order.received_at", "must lie in the years"),
        ({"request_type": "angry"}, "order.request_type", "'consultation'"),
        ({"caller": "x"}, "order.caller", "dictionary"),
        ({"caller": {"phone": 1}}, "order.caller.phone", "valid string"),
        ({"colour": "red"}, "order.colour", "not permitted"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_does_not_fit_is_422_with_its_place(client, changes, place, said):
    assert said in _problem(_ask(client, **changes), 422)[place]


@pytest.mark.parametrize(
    ("facts", "place", "said"),
    [
        ({"isue_today": 5}, "facts.isue_today", "did you mean issue_today?"),
        ({"issue_today": float("nan")}, "facts.issue_today", "whole number"),
        ({"issue_today": float("inf")}, "facts.issue_today", "whole number"),
        ({"issue_today": 10**4000}, "facts.issue_today", "whole number"),
        ({"emergency": "x" * 100_000}, "facts.emergency", "true or false"),
        ({"x" * 100_000: 1}, "facts." + "x" * 80, "no such fact"),
        ({"territory": "mars"}, "facts.territory", "inside, outside, unknown"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_fact_that_cannot_be_is_422_and_not_echoed_at_length(client, facts, place, said):
    answer = _ask(client, facts=facts)
    assert said in _problem(answer, 422)[place]
    assert len(answer.content) < 2500


def test_missing_fields_are_all_named_at_once(client):
    assert set(_problem(_post(client, {"order": {}}), 422)) == {"policy", "order.received_at", "order.text"}


def test_an_unknown_policy_is_422_in_a_body_and_404_in_a_path(client):
    assert "known are moushi, nanmatou" in _problem(_ask(client, "atlantis"), 422)["policy"]
    assert "known are moushi, nanmatou" in _problem(client.get("/v1/policies/atlantis"), 404)["policy"]


@pytest.mark.parametrize("stated", [True, False])
def test_a_body_past_the_limit_is_413(client, service, stated):
    content = b" " * (service.settings.body_limit + 1)
    sent = content if stated else iter([content[:1000], content[1000:]])
    answer = client.post("/v1/decisions", content=sent, headers={"content-type": "application/json"})
    _problem(answer, 413)
    assert "bytes allowed" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/decisions", 405),
        ("DELETE", "/v1/policies", 405),
        ("PUT", "/", 405),
        ("GET", "/v1/nothing", 404),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", "/v1/policies/../../etc/passwd", 404),
        ("POST", "/nothing", 404),
    ],
)
def test_a_wrong_way_or_place_is_told_as_a_problem(client, method, path, status):
    _problem(client.request(method, path), status)


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/nothing"])
def test_a_head_request_gets_the_head_of_the_same_problem(client, path):
    answer = client.head(path)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == PROBLEM


def test_a_wrong_method_says_which_are_right(client):
    assert client.get("/v1/decisions").headers["allow"] == "POST"


# --- personal data -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"caller": {"name": NAME, "phone": PHONE}},
        {"caller": {"name": NAME, "phone": int(PHONE)}},
        {"caller": {"name": [NAME], "phone": {"a": PHONE}}},
        {"caller": f"{NAME} {PHONE}"},
        {"caller": {"name": NAME * 100, "phone": PHONE * 10}},
        {"text": [NAME, PHONE]},
        {"text": None, "address": f"{NAME} {PHONE}", "title": {NAME: PHONE}},
        {"request_type": f"{NAME} {PHONE}"},
        {"id": [PHONE]},
    ],
)
def test_personal_data_is_never_echoed_nor_logged(client, caplog, changes):
    caplog.set_level(logging.DEBUG)
    answer = _ask(client, **changes)
    assert answer.status_code in (200, 422)
    for shown in (answer.text, caplog.text, str(answer.headers)):
        assert NAME not in shown
        assert PHONE not in shown


def test_a_fault_of_our_own_is_told_without_what_was_sent(service, caplog, monkeypatch):
    def broken(request):
        raise RuntimeError(f"cannot handle {request.order.caller.name} {request.order.text}")

    with TestClient(create_app(service)) as client:  # raises whatever the application does not answer itself
        monkeypatch.setattr(service, "decide", broken)
        caplog.set_level(logging.DEBUG)
        answer = _ask(client, caller={"name": NAME, "phone": PHONE}, text=f"{NAME} {PHONE}")
    assert _problem(answer, 500) == {}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "unexpected RuntimeError at" in caplog.text
    assert "test_api.py" in caplog.text, "the place must be logged, or nobody finds the fault"
    for shown in (answer.text, caplog.text):
        assert NAME not in shown
        assert PHONE not in shown


def test_a_model_that_goes_missing_is_told_in_the_log_only(service, caplog, monkeypatch):
    def broken(request):
        raise ModelFault("model /srv/models/secret-place: cannot read manifest.json")

    with TestClient(create_app(service)) as client:
        monkeypatch.setattr(service, "decide", broken)
        answer = _ask(client)
    _problem(answer, 500)
    assert "secret-place" not in answer.text
    assert "secret-place" in caplog.text


# --- health, policies, description -------------------------------------------------------------------------


def test_it_lives_and_is_ready_once_everything_is_read(service):
    app = create_app(service)
    early = TestClient(app)
    assert early.get("/healthz").json() == {"status": "ok"}
    _problem(early.get("/readyz"), 503)
    with TestClient(app) as client:
        assert client.get("/readyz").json() == {"status": "ready"}


def test_the_policies_are_listed_with_what_the_contract_names(client):
    policies = client.get("/v1/policies").json()
    assert [policy["id"] for policy in policies] == POLICIES
    for policy in policies:
        assert set(policy) >= {"id", "name", "version", "units", "parameters", "clauses"}
        assert all(set(unit) >= {"id", "name", "duties", "leader"} for unit in policy["units"])
        assert client.get(f"/v1/policies/{policy['id']}").json() == policy


@pytest.mark.parametrize("path", ["/", "/healthz", "/openapi.json", "/v1/policies", "/v1/nothing", "/static/app.js"])
def test_every_answer_has_the_headers_that_keep_browsers_careful(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_answers_and_refusals_of_a_post_have_the_headers_too(client, service):
    for answer in (_ask(client), _post(client, "x"), _post(client, b" " * (service.settings.body_limit + 1))):
        assert answer.headers["x-content-type-options"] == "nosniff"


def _references(part) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(_references, part.values()))
    return set().union(*map(_references, part)) if isinstance(part, list) else set()


def test_the_description_is_sound_openapi_and_names_what_is_sent(client):
    described = client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1.")
    OpenAPI.model_validate(described)
    schemas = described["components"]["schemas"]
    assert _references(described) <= {f"#/components/schemas/{name}" for name in schemas}
    decide = described["paths"]["/v1/decisions"]["post"]
    assert decide["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Decision")
    for status in ("400", "413", "422"):
        assert PROBLEM in decide["responses"][status]["content"]
        assert "ProblemDetails" in json.dumps(decide["responses"][status])
    assert set(described["paths"]) == {"/v1/decisions", "/v1/policies", "/v1/policies/{policy}", "/healthz", "/readyz"}


def test_an_answer_is_what_the_description_says(client):
    schema = client.get("/openapi.json").json()["components"]["schemas"]["Decision"]
    decision = _ask(client).json()
    assert set(decision) == set(schema["properties"])
    assert set(schema["required"]) <= set(decision)


def test_the_page_is_served_with_everything_from_here(client):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text and "https://" not in page.text


# --- a model from outside ----------------------------------------------------------------------------------

STRANGER = "moon-landing"


def _own_model(folder, signals=None, promises=True):
    """A model of a town's own with a category that the taxonomy does not have; sure of itself."""
    matters = {
        "street-light": ("路灯坏了", "灯杆漆黑"),
        "catering-fumes": ("饭店油烟", "烧烤呛人"),
        STRANGER: ("登月火箭", "月球基地"),
    }
    rows = [
        (as_read("", f"{text}{mark}"), label)
        for label, texts in matters.items()
        for text in texts
        for mark in "甲乙丙丁" * 30
    ]
    texts = [text for text, _ in rows]
    tasks = {"category": Examples(texts, [label for _, label in rows])}
    labels = {
        "request_type": ("complaint", "help"),
        "urgency": ("normal", "urgent"),
        "complexity": ("normal", "simple"),
        "emergency": ("none", "119"),
    }
    for task, pair in {**labels, **(signals or {})}.items():
        tasks[task] = Examples(texts, [pair[index % 2] for index in range(len(texts))])
    save_model(fit_model("ours", tasks, primary="category", features=TextFeatures(), promises=promises), folder, {}, {})
    return build(Settings(model=folder))


def test_a_category_that_the_taxonomy_does_not_know_is_never_returned(tmp_path):
    with TestClient(create_app(_own_model(tmp_path / "model"))) as client:
        for policy in POLICIES:
            decision = _ask(client, policy, text="登月火箭，月球基地").json()
            assert STRANGER not in json.dumps(decision)
            assert decision["model"]["name"] == "ours"
            assert not decision["dispatch"]["auto"], "the model meant something else and may not be taken at its word"
            assert decision["category"][0]["confidence"] < 0.5
        assert _ask(client, text="路灯坏了，灯杆漆黑").json()["category"][0]["id"] == "street-light"


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        ({"request_type": ("complaint", "rage")}, "its request_type knows rage"),
        ({"urgency": ("normal", "very")}, "its urgency knows very"),
        ({"complexity": ("normal", "very")}, "its complexity knows very"),
        ({"emergency": ("none", "911")}, "its emergency knows 911"),
        ({"emergency": ("119", "110")}, "its emergency does not know none"),
    ],
)
def test_a_model_with_words_of_its_own_for_what_the_rules_ask_is_refused(tmp_path, signals, said):
    service = _own_model(tmp_path / "model", signals)
    with pytest.raises(ModelFault, match=said):
        service.warm_up()
