"""A running service takes another model while it is asked all the time: nobody notices but by the version."""

from __future__ import annotations

import http.client
import json
import signal
from itertools import groupby
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

from tests.integration.kept import ADMIN
from tests.integration.serving import serving
from tests.integration.shelved import shelve, spoil
from triage.bootstrap import build
from triage.desk.learning.champion import promote, roll_back
from triage.settings import Settings

SWITCHED_WITHIN = 120
BODY = json.dumps({"policy": "nanmatou", "order": {"received_at": "2026-03-02T09:00", "text": "小区门口路灯不亮"}})


class _Asker(Thread):
    """Asks for decisions without a pause, and keeps every status and the version that answered."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.ended = Event()
        self._address = urlsplit(url).netloc

    def run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=60)
        while not self.ended.is_set():
            connection.request("POST", "/v1/decisions", BODY, {"Content-Type": "application/json"})
            with connection.getresponse() as answer:
                told = json.loads(answer.read())
            model = told.get("model", {})
            self.found.append((answer.status, f"{model.get('name')} {model.get('version')}"))
        connection.close()

    def until(self, name: str) -> None:
        """Wait until this model answers."""
        end = monotonic() + SWITCHED_WITHIN
        while not self.found or self.found[-1][1] != name:
            assert monotonic() < end and self.is_alive(), f"{name} never answered: {self.found[-3:]}"
            sleep(0.05)


def test_requests_go_on_through_a_promotion_and_a_rollback_and_a_restart_keeps_the_champion(environment, tmp_path):
    database = f"sqlite:///{tmp_path}/ledger.db"
    first = shelve(tmp_path / "models", "1")
    second = shelve(tmp_path / "models", "2", first)
    spoil(second, "category.joblib")
    desk = build(Settings(model=None, packs=None, calendar=None, parameters={}, models=tmp_path / "models"))
    ships = f"default {desk.models.unpromoted().version}"
    settings = environment | {"TRIAGE_MODELS": str(tmp_path / "models")}
    given = {"shelf": desk.models, "by": ADMIN, "try_on": lambda model: None}
    with serving(settings, "--demo", "--database", database, folder=tmp_path) as (process, url):
        ledger = desk.ledger(database)
        askers = [_Asker(url) for _ in range(3)]
        for asker in askers:
            asker.start()
        askers[0].until(ships)
        promote("town", "1", "better", ledger=ledger, **given)
        askers[0].until("town 1")
        promote("town", "2", "spoilt on the way", ledger=ledger, **given)
        sleep(3)  # two looks at least
        roll_back("it never answered", ledger=ledger, **given)
        roll_back("worse after all", ledger=ledger, **given)
        askers[0].until(ships)
        promote("town", "1", "better, in the end", ledger=ledger, **given)
        askers[0].until("town 1")
        for asker in askers:
            asker.ended.set()
        for asker in askers:
            asker.join()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    for asker in askers:
        assert {status for status, _ in asker.found} == {200}, "no request failed"
        assert [name for name, _ in groupby(name for _, name in asker.found)] == [ships, "town 1", ships, "town 1"]
    assert err.count("town 2 was promoted and does not answer") == 1
    assert "Traceback" not in err
    with serving(settings, "--demo", "--database", database, folder=tmp_path) as (_, url):
        asker = _Asker(url)
        asker.start()
        asker.until("town 1")
        asker.ended.set()
        asker.join()
        assert {name for _, name in asker.found} == {"town 1"}, "from the first answer on"
    ledger.database.close()
