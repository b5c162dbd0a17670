"""Personal data of five hundred orders, and of the people who work on them: it is found nowhere outside the answers to
whoever may read it."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from ahocorasick_rs import AhoCorasick
from starlette.testclient import TestClient

from tests.hostile.house import POLICY, UNIT, House, opened
from tests.hostile.planted import Planted, people
from tests.hostile.refused import refused_calls
from tests.hostile.served import served
from triage.domain.vocabulary import Role
from triage.records.backup import back_up

pytestmark = pytest.mark.xdist_group("planted")  # to be furnished once, not once a worker

ORDERS, COLLEAGUES = 500, 10
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Furnished:
    """The application with everything planted in it, and what was logged and printed meanwhile."""

    house: House
    planted: Sequence[Planted]
    callers: Sequence[Planted]
    finder: AhoCorasick
    logged: list[str]

    def leaks(self, told: str | bytes) -> list[str]:
        """What of the planted data stands in an answer or a file."""
        text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
        return self.finder.find_matches_as_strings(text)


class _Kept(logging.Handler):
    def __init__(self, logged: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._logged = logged

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "httpx2":
            return  # the client of these tests tells where it goes
        self._logged.append(f"{record.name} {record.getMessage()} {record.__dict__}")


@pytest.fixture(scope="module")
def furnished(keeping, tmp_path_factory) -> Iterator[Furnished]:
    logged: list[str] = []
    handler, root = _Kept(logged), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    everybody = people(ORDERS + COLLEAGUES)
    callers, colleagues = everybody[:ORDERS], everybody[ORDERS:]
    with opened(keeping, tmp_path_factory.mktemp("planted")) as house:
        _furnish(house, callers, colleagues)
        finder = AhoCorasick(sorted({trace for one in everybody for trace in one.traces}))
        yield Furnished(house, everybody, callers, finder, logged)
    root.removeHandler(handler)
    root.setLevel(level)


def _furnish(house: House, callers: Sequence[Planted], colleagues: Sequence[Planted]) -> None:
    desk, centre, admin = (house.client(role) for role in (Role.DISPATCHER, Role.CENTRE, Role.ADMIN))
    hook = {"url": "http://127.0.0.1:9/hook", "secret": "0123456789abcdef"}
    _done(admin.post("/v1/webhooks", json=hook))
    _employ(centre, colleagues)
    for number, caller in enumerate(callers):
        _done(desk.post("/v1/orders", json={"policy": POLICY, "order": _order(number, caller)}))
        _work_on(desk, number, caller)
    items = desk.get("/v1/orders").json()["items"]
    issue = items[0]["issue"]
    mine = [item["id"] for item in items if item["issue"] == issue]
    why = " ".join(_said(callers[_number({"id": order_id})]) for order_id in mine[:2])
    split = _done(desk.post(f"/v1/issues/{issue}/split", json={"orders": mine[:1], "why": why})).json()
    _done(desk.post(f"/v1/issues/{issue}/merge", json={"other": split["other"], "why": why}))
    praise = {"policy": POLICY, "unit": UNIT, "item": "district-bulletin", "at": "2026-03-12T09:00", "order_id": "P-4"}
    _done(centre.post("/v1/performance/entries", json={**praise, "note": _said(callers[4])}))
    _done(centre.post(f"/v1/callers/{items[0]['caller']}/erase", json={"why": _said(callers[_number(items[0])])}))
    batch = _done(desk.post("/v1/results/exports", json={"policy": POLICY})).json()
    rejected = [{"id": "P-3", "reason": _said(callers[3])}]
    receipt = {"number": "QS-1", "at": "2026-03-20T09:00", "rejected": rejected}
    _done(desk.post(f"/v1/results/exports/{batch['number']}/receipt", json=receipt))


def _number(item: Mapping[str, Any]) -> int:
    return int(item["id"].removeprefix("P-"))


def _order(number: int, caller: Planted) -> dict[str, Any]:
    said = [
        f"{caller.name}来电反映东三里桥路餐馆油烟很大，{caller.mobile}，请回复{caller.name}",
        f"我叫{caller.name}，住临沂路88弄{caller.home}，楼下餐馆油烟，电话{caller.mobile}",
        f"市民姓名：{caller.name}，身份证{caller.identity}，反映车辆{caller.plate}占道停放，邮箱{caller.email}",
        f"联系电话{caller.landline}，临沂路88弄{caller.home}门口路灯不亮，联系人{caller.name}",
        f"车牌{caller.plate}堵住消防通道，身份证号码{caller.identity}，请联系{caller.name}女士{caller.mobile}",
    ][number % 5]
    return {
        "id": f"P-{number}",
        "received_at": f"2026-03-{2 + number % 20:02d}T{8 + number % 10:02d}:{number % 60:02d}",
        "title": f"{caller.name}反映{['餐馆油烟', '路灯不亮', '占道停车'][number % 3]} {caller.mobile}",
        "text": said,
        "caller": {"name": caller.name, "phone": caller.landline if number % 4 == 3 else caller.mobile},
        "address": f"临沂路88弄{caller.home}",
    }


def _said(caller: Planted) -> str:
    """What somebody writes into a field for reasons."""
    return (
        f"已电话联系{caller.mobile}，诉求人{caller.name}住{caller.home}，身份证{caller.identity}，"
        f"车牌{caller.plate}，座机{caller.landline}，邮箱{caller.email}"
    )


def _work_on(desk: TestClient, number: int, caller: Planted) -> None:
    day, path = f"2026-03-{2 + number % 20:02d}", f"/v1/orders/P-{number}"
    events: list[dict[str, Any]] = [
        {"at": f"{day}T18:00", "kind": "dispatched", "unit": UNIT, "by": "dispatcher", "reason": _said(caller)},
        {"at": f"{day}T18:10", "kind": "accepted", "unit": UNIT, "handler": f"经办人{caller.name}"},
        {
            "at": f"{day}T18:20",
            "kind": "note",
            "by": caller.name,
            "level": caller.mobile,
            "remark": _said(caller),
            "facts": {"hard": True, caller.name: _said(caller)},
        },
        {
            "at": f"{day}T18:30",
            "kind": "replied",
            "unit": UNIT,
            "outcome": "solved",
            "said": [_said(caller)],
            "elements": [caller.name],
            "attachments": [f"{caller.name}{caller.identity}.mp3"],
        },
    ]
    if number % 3 == 0:
        _done(desk.post(f"{path}/events", json=events[: 1 + number % 4]))
    if number % 25 == 0:
        _done(desk.post(f"{path}/feedback", json={"category": "catering-fumes", "why": _said(caller)}))
        name, content = f"{caller.name}{caller.mobile}身份证{caller.identity}.png", _PNG + caller.name.encode()
        files = {"file": (name, content + bytes(64), "image/png")}
        _done(desk.post(f"{path}/attachments", data={"element": "before_picture"}, files=files))


def _employ(centre: TestClient, colleagues: Sequence[Planted]) -> None:
    post = {"role": "unit", "unit": UNIT}
    staff = [
        {"id": f"p-{number}", "name": one.name, "telephones": [one.mobile, one.landline], "posts": [post]}
        for number, one in enumerate(colleagues)
    ]
    _done(centre.put("/v1/people", json={"people": staff}))
    away = {"since": "2026-03-02T09:00", "until": "2026-03-05T09:00"}
    _done(centre.post("/v1/people/p-1/absences", json=away))
    shift = {"role": "unit", "unit": UNIT, "person": "p-2", "since": "2026-03-02T09:00", "until": "2026-03-03T09:00"}
    _done(centre.put("/v1/duty", params={"week": "2026-W10"}, json={"shifts": [shift]}))


def _done(answer: Any) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer


def test_whoever_may_read_it_finds_what_was_planted(furnished):
    view = furnished.house.client(Role.DISPATCHER).get("/v1/orders/P-0").json()
    caller = furnished.callers[0]
    assert view["caller"]["name"] == caller.name
    assert caller.mobile in view["text"] and caller.home in view["address"]
    assert caller.identity in json.dumps(view["events"], ensure_ascii=False)


def test_nothing_stands_in_the_file_of_the_database(furnished):
    path = Path(str(furnished.house.books.ledger.database.url.database))
    for file in path.parent.rglob("*"):  # what lies beside it too
        assert file.is_dir() or not furnished.leaks(file.read_bytes()), file.name


def test_nothing_stands_in_a_backup(furnished, tmp_path):
    back_up(furnished.house.books.ledger.database, tmp_path / "backup.gz")
    assert not furnished.leaks(gzip.decompress((tmp_path / "backup.gz").read_bytes()))


def _pages(client: TestClient, path: str, **params: Any) -> Iterator[str]:
    cursor: str | None = None
    while True:
        answer = _done(client.get(path, params=params if cursor is None else {**params, "cursor": cursor}))
        yield answer.text
        cursor = answer.json().get("cursor")
        if cursor is None:
            return


def _all_that_is_told(client: TestClient, orders: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Everything that a reader of orders can ask for, by what was asked."""
    of_policy = {"policy": POLICY}
    for path, params in (
        ("/v1/orders", {"limit": 500}),
        ("/v1/issues", of_policy),
        ("/v1/alerts", {"as_of": "2026-04-01T09:00", "limit": 500, "persons": "true"}),
        ("/v1/performance", {**of_policy, "month": "2026-03"}),
        ("/v1/people", of_policy),
        ("/v1/people/who", {**of_policy, "role": "unit", "unit": UNIT, "at": "2026-03-10T10:00"}),
        ("/v1/duty", {**of_policy, "week": "2026-W10"}),
        ("/v1/models", {}),
    ):
        yield from ((path, text) for text in _pages(client, path, **params))
    for number, order in enumerate(orders):
        for end in ("", "/obligations", "/attachments") if number % 5 == 0 else ("",):
            yield order + end, _done(client.get(f"/v1/orders/{order}{end}")).text
    for page in _pages(client, "/v1/issues", **of_policy):
        for item in json.loads(page)["items"]:
            yield item["id"], _done(client.get(f"/v1/issues/{item['id']}")).text
    tokens = {item["caller"] for page in _pages(client, "/v1/orders", limit=500) for item in json.loads(page)["items"]}
    for token in sorted(tokens - {None})[:100]:
        yield token, _done(client.get(f"/v1/callers/{token}")).text
    yield "/v1/policies", _done(client.get("/v1/policies")).text
    yield "/v1/live", client.get("/v1/live", headers={"Last-Event-ID": "0"}).text


def test_nothing_is_told_to_an_analyst(furnished):
    client = furnished.house.client(Role.ANALYST)
    orders = [f"P-{number}" for number in range(ORDERS)]
    found = {asked: leaks for asked, text in _all_that_is_told(client, orders) if (leaks := furnished.leaks(text))}
    assert not found


def test_lists_and_streams_tell_nothing_even_to_whoever_may_read_it(furnished):
    """What stays on a screen all day, or is read out by the hundred, is without names for everybody."""
    client = furnished.house.client(Role.DISPATCHER)
    for path in ("/v1/orders", "/v1/issues", "/v1/alerts"):
        for text in _pages(client, path, limit=100, persons="false"):
            assert not furnished.leaks(text), path
    assert not furnished.leaks(client.get("/v1/live", headers={"Last-Event-ID": "0"}).text)


def test_nothing_is_handed_over_to_the_district(furnished):
    desk = furnished.house.client(Role.DISPATCHER)
    assert not [text for text in _pages(desk, "/v1/results", limit=500) if furnished.leaks(text)]
    for form in ("json", "csv"):
        assert not furnished.leaks(_done(desk.get("/v1/results/exports/1", params={"format": form})).content)


def test_nothing_is_told_to_an_admin_nor_counted_in_a_figure(furnished):
    admin = furnished.house.client(Role.ADMIN)
    hooks = admin.get("/v1/webhooks")
    assert not furnished.leaks(hooks.text)
    for hook in hooks.json()["items"]:
        assert not furnished.leaks(_done(admin.get(f"/v1/webhooks/{hook['id']}/deliveries")).text)
    assert not furnished.leaks(_done(admin.get("/metrics")).text)


def test_an_error_repeats_nothing_of_what_was_sent(furnished):
    one = furnished.callers[0]
    found: dict[str, str] = {}
    statuses = set()
    for role, values in (
        (Role.CENTRE_LEADER, [one.name, one.identity, _said(one)]),
        (Role.ADMIN, [_said(one)]),
        (Role.UNIT, [f"{one.name}{one.mobile}{one.plate}"]),
    ):
        client = furnished.house.client(role)
        for method, path, sent in chain.from_iterable(map(refused_calls, values)):
            answer = client.request(method, path, **sent)
            assert answer.status_code < 500, f"{method} {path}: {answer.text}"
            statuses.add(answer.status_code)
            if answer.is_error and furnished.leaks(answer.text):
                found[f"{method} {path} {sent}"] = answer.text
    assert not found
    assert statuses >= {400, 401, 403, 404, 405, 409, 412, 422}


def test_nothing_was_logged_or_printed(furnished, capfd):
    for client in (furnished.house.client(role) for role in (Role.CENTRE_LEADER, Role.ANALYST)):
        for method, path, sent in refused_calls(_said(furnished.callers[1])):
            client.request(method, path, **sent)
    assert furnished.logged, "something is logged, so that this says something"
    assert not furnished.leaks("\n".join(furnished.logged))
    out, err = capfd.readouterr()
    assert not furnished.leaks(out + err)


def test_a_served_process_prints_nothing_of_it(furnished, tmp_path):
    caller = furnished.callers[2]
    with served(tmp_path, Role.CENTRE_LEADER) as service:
        for number in range(5):
            body = {"policy": POLICY, "order": _order(number, furnished.callers[number])}
            _done(service.client.post("/v1/orders", json=body))
        for method, path, sent in refused_calls(_said(caller)):
            answer = service.client.request(method, path, **sent)
            assert answer.status_code < 500 and not furnished.leaks(answer.text)
        printed = service.stop()
    assert not furnished.leaks(printed) and "Traceback" not in printed
