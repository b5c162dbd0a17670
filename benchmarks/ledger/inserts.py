"""The yardstick: an app that puts each order into one SQLite table, with full sync, and does nothing else."""

from __future__ import annotations

import json
import sqlite3
import sys
from threading import Lock
from typing import Any

import uvicorn
from fastapi import FastAPI


def new_app(path: str) -> FastAPI:
    """The app around a database file."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, body TEXT)")
    lock, app = Lock(), FastAPI()

    @app.post("/v1/orders", status_code=201)
    def take_in(body: dict[str, Any]) -> dict[str, str]:
        with lock:
            connection.execute("INSERT INTO orders VALUES (?, ?)", (body["order"]["id"], json.dumps(body)))
        return {"id": body["order"]["id"]}

    @app.get("/v1/orders")
    def orders() -> list[str]:
        with lock:
            rows = connection.execute("SELECT body FROM orders ORDER BY rowid DESC LIMIT 50").fetchall()
        return [row[0] for row in rows]

    @app.get("/healthz")
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    return app


if __name__ == "__main__":
    uvicorn.run(new_app(sys.argv[1]), port=int(sys.argv[2]), log_level="warning", access_log=False)
