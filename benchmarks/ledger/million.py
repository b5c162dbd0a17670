"""Rows of a large ledger, made without deciding anything: what lists, search and alerts are asked of.

Years of a sub-district: orders spread over the days, most of them closed, the latest open; words by the frequency that
words have. Nothing is drawn from real messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Connection, insert, text

from triage.domain.moments import SHANGHAI
from triage.policy.pack.pack import Pack
from triage.records.database import Database
from triage.records.search import search_words
from triage.records.tables import ALERTS, HOLDERS, ORDERS

_AT_ONCE = 5_000
_START = datetime(2021, 1, 4, 8, tzinfo=SHANGHAI)
END = datetime(2026, 1, 4, 8, tzinfo=SHANGHAI)
_OPEN_SHARE = 0.002
_ALERTS_SHARE = 0.3
_THINGS = (
    "路灯 井盖 油烟 噪音 占道 垃圾 漏水 停车 电梯 工地 摆摊 绿化 供水 物业费 群租 堆物 共享单车 积水 广告牌 燃气"
).split()
_WHERE = "小区门口 蓝村路口 菜场北门 学校旁边 地铁站口 三号楼下 公园东侧 桥下 弄堂里 停车场".split()
_WHAT = (
    "坏了好几天 没有人管 影响休息 请尽快处理 堵住通道 气味很大 存在安全隐患 多次反映未解决 晚上特别严重 老人出行不便"
).split()


def fill(database: Database, pack: Pack, orders: int, seed: int = 7) -> None:
    """Fill an empty database with so many orders and what belongs to them."""
    rng, units = Random(seed), list(pack.units)
    step = (END - _START) / orders
    for first in range(0, orders, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, orders))
        rows = [_order(number, orders, _START + step * number, pack, units, rng) for number in numbers]
        with database.writing() as connection:
            connection.execute(insert(ORDERS), rows)
            names = {"order_id": "id", "unit": "unit", "seq": "seq"}
            held = [
                {name: row[of] for name, of in names.items()} | {"leads": True, "is_open": row["status"] != "closed"}
                for row in rows
            ]
            connection.execute(insert(HOLDERS), held)
            connection.execute(insert(ALERTS), list(_alerts(rows, rng)))
            _index(connection, rows)
    with database.writing() as connection:
        connection.execute(text("ANALYZE"))


def _order(number: int, orders: int, at: datetime, pack: Pack, units: Sequence[str], rng: Random) -> dict[str, object]:
    is_open = number > orders * (1 - 4 * _OPEN_SHARE) and rng.random() < 0.25
    words = rng.choice(_WHERE) + rng.choice(_THINGS) + rng.choice(_WHAT)
    return {
        "id": f"m{number}",
        "seq": number + 1,
        "policy": pack.id,
        "received_at": at,
        "digest": "0" * 64,
        "title": words[:10],
        "text": "，".join([words, *(rng.choice(_WHERE) + rng.choice(_WHAT) for _ in range(8))]),
        "request_type": "complaint",
        "urgency": "normal",
        "category": "street-light",
        "caller": f"c1-{int(rng.paretovariate(0.6)) % 300_000}",
        "issue": f"i-{int(rng.paretovariate(0.5)) % 400_000:x}",
        "derived": {},
        "stated": {},
        "version": 8,
        "status": "accepted" if is_open else "closed",
        "is_open": is_open,
        "unit": rng.choice(units),
        "overdue_after": at + timedelta(days=7) if is_open else None,
        "due_next": at + timedelta(days=1) if is_open else None,
        "satisfaction": None if is_open else "satisfied",
    }


def _alerts(rows: Sequence[dict[str, object]], rng: Random) -> Iterator[dict[str, object]]:
    for row in rows:
        if row["status"] != "closed" or rng.random() < _ALERTS_SHARE:
            at = row["received_at"]
            assert isinstance(at, datetime)
            yield {
                "order_id": row["id"],
                "number": 0,
                "policy": row["policy"],
                "kind": "yellow",
                "clause": "tangqiao:4.2.5",
                "level": None,
                "notify": ["unit_head"],
                "because": "当日第5件同类诉求",
                "raised_at": at,
                "lifted_at": None if row["status"] != "closed" else at + timedelta(days=rng.randint(1, 9)),
            }


def _index(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    words = [{"seq": row["seq"], "words": " ".join(search_words(f"{row['title']}\n{row['text']}"))} for row in rows]
    if connection.dialect.name == "sqlite":
        statement = "INSERT INTO order_words (rowid, words) VALUES (:seq, :words)"
    else:
        vector = "array_to_tsvector(string_to_array(:words, ' '))"
        statement = f"INSERT INTO order_words (seq, words) VALUES (:seq, {vector})"
    connection.execute(text(statement), words)
