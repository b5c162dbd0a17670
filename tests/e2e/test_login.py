"""The door of the console in a real browser: who is let in, who is not, and how they leave."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
NAME, PASSWORD = "wang", "correct horse battery"


@pytest.fixture(scope="module")
def kept_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service in earnest, with one user."""
    folder = tmp_path_factory.mktemp("kept")
    settings = {"TRIAGE_SECRET": "only this test knows it", "TRIAGE_DATABASE": f"sqlite:///{folder}/ledger.db"}
    environment = {**os.environ, **settings, "PYTHONPATH": str(ROOT)}
    triage = [sys.executable, "-m", "triage"]
    words = ["user", "create", "--name", NAME, "--role", "dispatcher", "--password-stdin"]
    subprocess.run([*triage, *words], input=PASSWORD.encode(), env=environment, cwd=folder, check=True, timeout=60)
    serve = [*triage, "serve", "--port", "0"]
    with subprocess.Popen(serve, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        watchdog = Timer(60, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip().removeprefix("ready: ")
        finally:
            watchdog.cancel()
            process.terminate()


@pytest.fixture
def page(browser: Browser, kept_url: str) -> Iterator[Page]:
    """The page that somebody sees who comes without a session; nothing may have gone wrong on it."""
    context = browser.new_context(locale="zh-CN")
    found = context.new_page()
    faults: list[str] = []
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.goto(f"{kept_url}?policy=yanji")
    yield found
    context.close()
    assert faults == []


def enter(page: Page, name: str, password: str) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")


def test_whoever_logs_in_comes_to_the_desk_they_asked_for_and_may_work_and_leave(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/login\?policy=yanji$"))
    enter(page, NAME, PASSWORD)
    expect(page.locator("#policy")).to_have_value("yanji")
    expect(page.locator("#who")).to_contain_text(NAME)
    page.fill("#text", "小区门口路灯不亮")
    page.press("#text", "Control+Enter")
    expect(page.locator("#headline")).to_be_visible()
    page.click("#log-out")
    expect(page.locator("#door")).to_be_visible()
    page.goto(page.url.replace("/login", "/"))
    expect(page.locator("#door")).to_be_visible()


def test_a_wrong_password_is_told_in_chinese_without_saying_which_was_wrong(page: Page) -> None:
    enter(page, NAME, "wrong horse battery")
    expect(page.locator("#refusal")).to_have_text("用户名或密码不对，请重新填写。")
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#password")).to_have_value("")
    enter(page, "", "")
    expect(page.locator("#refusal")).to_have_text("请填写用户名和密码。")


def test_a_session_that_ended_keeps_what_was_typed_and_says_what_to_do(page: Page) -> None:
    enter(page, NAME, PASSWORD)
    expect(page.locator("#policy option")).not_to_have_count(0)
    page.context.clear_cookies()
    page.fill("#text", "小区门口路灯不亮")
    page.press("#text", "Control+Enter")
    expect(page.locator("#form-fault")).to_contain_text("请在另一个标签页重新登录")
    expect(page.locator("#text")).to_have_value("小区门口路灯不亮")


def test_who_is_logged_in_already_goes_straight_on(page: Page) -> None:
    enter(page, NAME, PASSWORD)
    expect(page.locator("#policy option")).not_to_have_count(0)
    page.goto(page.url.split("?")[0] + "login?policy=tangqiao")
    expect(page.locator("#policy")).to_have_value("tangqiao")


def test_the_door_has_labels_and_runs_no_script_of_its_own(page: Page) -> None:
    unnamed = page.evaluate("[...document.querySelectorAll('input')].filter(f => !f.labels.length).map(f => f.id)")
    assert unnamed == []
    assert page.evaluate("document.querySelectorAll('script:not([src]), [style], [onclick]').length") == 0
