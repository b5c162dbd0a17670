"""Commands for those who may let others in: keys of programs, users of the console."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from triage.cli.ledger import DatabaseOption
from triage.cli.shell import faults_told, group, print_json, say
from triage.domain.errors import BadInput, Problem
from triage.domain.moments import SHANGHAI
from triage.domain.people import Actor
from triage.domain.vocabulary import Role

if TYPE_CHECKING:
    from triage.records.access import Grant
    from triage.records.ledger import Ledger

key_app = group("key", "Make, list and revoke keys of programs.")
user_app = group("user", "Add, list and disable users of the console.")

_BY = Actor("command line", Role.ADMIN)

RoleOption = Annotated[str, typer.Option("--role", help="Role, e.g. dispatcher.")]
OfPolicy = Annotated[Optional[str], typer.Option("--policy", help="Jurisdiction; all of them unless given.")]
OfUnit = Annotated[Optional[str], typer.Option("--unit", help="Unit, for the roles unit and unit_head.")]
NameArgument = Annotated[str, typer.Argument(help="Name of the user.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@key_app.command("create")
def key_create(
    role: RoleOption,
    policy: OfPolicy = None,
    unit: OfUnit = None,
    database: DatabaseOption = None,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "",
) -> None:
    """Make a key and print it, once: only its hash is kept."""
    with faults_told():
        from triage.desk.access.keys import make_key

        row, secret = make_key(_ledger(database), _grant(role, policy, unit), name[:200], _BY)
        say(f"key {row.id} is made; keep it safe, it is not shown again:")
        print(secret)


@key_app.command("list")
def key_list(database: DatabaseOption = None) -> None:
    """Print all keys as JSON, without their secrets."""
    with faults_told():
        from triage.records.access import list_keys

        with _ledger(database).database.reading() as connection:
            rows = list_keys(connection)
        shown = ("id", "name", "created_at", "used_at", "revoked_at")
        print_json([_shown(row, *shown) for row in rows])


@key_app.command("revoke")
def key_revoke(key: Annotated[int, typer.Argument(help="Id of the key.")], database: DatabaseOption = None) -> None:
    """Let a key in no longer; running services notice within seconds."""
    with faults_told():
        from triage.desk.access.keys import drop_key

        drop_key(_ledger(database), key, _BY)
        say(f"key {key} is revoked")


@user_app.command("create")
def user_create(
    name: Annotated[str, typer.Option("--name", help="Name to log in by.")],
    role: RoleOption,
    policy: OfPolicy = None,
    unit: OfUnit = None,
    database: DatabaseOption = None,
    password_stdin: FromInput = False,
) -> None:
    """Add a user; a password that is not read from standard input is made up and printed, once."""
    with faults_told():
        from triage.desk.access.passwords import Passwords
        from triage.desk.access.users import make_user

        grant = _grant(role, policy, unit)
        password = _password(from_input=password_stdin)
        make_user(_ledger(database), name, password, grant, Passwords(), _BY)
        _tell(name, password, was_given=password_stdin)


@user_app.command("password")
def user_password(
    name: NameArgument,
    database: DatabaseOption = None,
    password_stdin: FromInput = False,
) -> None:
    """Give a user another password, and let them in again if they were disabled."""
    with faults_told():
        from triage.desk.access.passwords import Passwords
        from triage.desk.access.users import change_password

        password = _password(from_input=password_stdin)
        change_password(_ledger(database), name, password, Passwords(), _BY)
        _tell(name, password, was_given=password_stdin)


@user_app.command("list")
def user_list(database: DatabaseOption = None) -> None:
    """Print all users as JSON."""
    with faults_told():
        from triage.records.access import list_users

        with _ledger(database).database.reading() as connection:
            rows = list_users(connection)
        print_json([_shown(row, "id", "name", "created_at", "disabled_at") for row in rows])


@user_app.command("disable")
def user_disable(
    name: Annotated[str, typer.Argument(help="Name of the user.")], database: DatabaseOption = None
) -> None:
    """Let a user in no longer, and end their sessions; running services notice within seconds."""
    with faults_told():
        from triage.desk.access.users import disable_user

        disable_user(_ledger(database), name, _BY)
        say("the user is disabled")


def _ledger(database: str | None) -> Ledger:
    """The ledger without what seals personal data: none of that is touched here, and no secret is needed."""
    from triage.bootstrap import build
    from triage.records.database import Database
    from triage.records.ledger import Ledger

    found = Database(build().settings.database_url(database))
    found.migrate()
    return Ledger(found, lambda: datetime.now(SHANGHAI))


def _grant(role: str, policy: str | None, unit: str | None) -> Grant:
    from triage.bootstrap import build
    from triage.desk.access.grants import grant_of

    return grant_of(role, policy, unit, build().shelf)


def _password(*, from_input: bool) -> str:
    from triage.desk.access.passwords import new_password

    if not from_input:
        return new_password()
    try:
        return sys.stdin.buffer.readline(10_000).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInput("access", [Problem(("password",), "must be UTF-8")]) from None


def _tell(name: str, password: str, *, was_given: bool) -> None:
    if was_given:
        say(f"{name} may log in")
    else:
        say(f"{name} may log in; keep the password safe, it is not shown again:")
        print(password)


def _shown(row: Any, *names: str) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in names}
    grant = {"role": str(row.grant.role), "policy": row.grant.policy, "unit": row.grant.unit}
    return {**{name: _plain(value) for name, value in told.items()}, **grant}


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value
