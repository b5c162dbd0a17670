"""Pseudonyms of callers and households: the same person has the same token, and no token leads back to the person."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from triage.domain.errors import BadInput, Problem
from triage.domain.orders import Caller
from triage.similar.callers.address import Address, read_address, stated_home
from triage.similar.callers.person import Person, read_person
from triage.similar.callers.telephone import Telephone, check_area_code, read_telephone

Strength = Literal["phone", "masked_phone", "name_and_place"]
SHORTEST_SECRET = 16
_BYTES = 15  # 120 bits of the digest, 24 characters
_PREFIX: dict[Strength | Literal["household"], str] = {
    "phone": "c",
    "masked_phone": "m",
    "name_and_place": "n",
    "household": "h",
}


@dataclass(frozen=True, slots=True)
class CallerToken:
    """A caller's pseudonym and what it rests on."""

    value: str
    strength: Strength

    @property
    def weak(self) -> bool:
        """Whether two persons may share it, or one person have several: anything but a whole number."""
        return self.strength != "phone"


class CallerTokens:
    """Makes tokens with one secret (HMAC-SHA-256, RFC 2104); it keeps and prints nothing of whom it is asked about.

    `version` stands in every token, so that tokens of an old and a new secret are told apart. `area_code` is put before
    landlines written without one. `not_callers` are numbers that identify nobody, such as a relay or what operators
    type where they have none. `BadInput` for a secret under 16 bytes and for anything that is no such number.

    >>> tokens = CallerTokens(b"a secret of the town", area_code="021")
    >>> one = tokens.token(Caller("张建国", "138 1234 1234"))
    >>> one == tokens.token(Caller("", "+86-13812341234")), one.value[:3], one.strength
    (True, 'c1-', 'phone')
    """

    __slots__ = ("_area_code", "_keyed", "_not_callers", "_version")

    def __init__(
        self, secret: bytes, *, version: int = 1, area_code: str = "", not_callers: Iterable[str] = ()
    ) -> None:
        _check(secret, version)
        check_area_code(area_code)
        self._keyed = hmac.new(secret, digestmod=hashlib.sha256)
        self._version = version
        self._area_code = area_code
        self._not_callers = frozenset(self._digits(number, at) for at, number in enumerate(not_callers))

    def __repr__(self) -> str:
        return f"CallerTokens(…, version={self._version})"

    def token(self, caller: Caller, address: str = "") -> CallerToken | None:
        """The caller's token; None where neither a number nor a name with a place says who it was.

        In this order: a whole number; a full name and a place, or a surname and a door ("name_and_place"); a masked
        number ("masked_phone").

        >>> tokens = CallerTokens(b"a secret of the town")
        >>> tokens.token(Caller("张建国先生"), "临沂路88弄8号301室").strength
        'name_and_place'
        >>> tokens.token(Caller("张先生"), "临沂路88弄") is tokens.token(Caller("匿名", "12345")) is None
        True
        """
        telephone = read_telephone(caller.phone, self._area_code)
        if telephone is None or telephone.digits in self._not_callers:
            return self._by_name(caller.name, address)
        if telephone.kind == "masked":
            return self._by_name(caller.name, address) or self._by_mask(telephone)
        return CallerToken(self._token("phone", telephone.digits), "phone")

    def household(self, address: str, text: str = "") -> str | None:
        """The token of the door a caller lives behind, from the address or else from what the text says of the home.

        >>> tokens = CallerTokens(b"a secret of the town")
        >>> door = tokens.household("临沂路88弄8号301室")
        >>> door[:3], door == tokens.household("", "本人家住临沂路88弄8号301，楼道无灯"), tokens.household("临沂路88弄")
        ('h1-', True, None)
        """
        home = read_address(address)
        if home is None or not home.door:
            home = read_address(stated_home(text))
        return self._token("household", home.place, home.door) if home and home.door else None

    def _by_name(self, name: str, address: str) -> CallerToken | None:
        person, place = read_person(name), read_address(address)
        if person is None or place is None or not (person.full or place.door):
            return None
        return CallerToken(self._token("name_and_place", *_who(person, place)), "name_and_place")

    def _by_mask(self, telephone: Telephone) -> CallerToken:
        return CallerToken(self._token("masked_phone", telephone.digits), "masked_phone")

    def _token(self, kind: Strength | Literal["household"], *parts: str) -> str:
        """The kind goes into the digest too, so that what is alike in two kinds gives two tokens."""
        keyed = self._keyed.copy()
        keyed.update("\0".join([str(self._version), kind, *parts]).encode())
        name = base64.b32encode(keyed.digest()[:_BYTES]).decode().lower()
        return f"{_PREFIX[kind]}{self._version}-{name}"

    def _digits(self, number: str, at: int) -> str:
        telephone = read_telephone(number, self._area_code)
        if telephone is None:
            raise BadInput("callers", [Problem(("not_callers", at), "is no telephone number of a form that is read")])
        return telephone.digits


def _who(person: Person, address: Address) -> tuple[str, ...]:
    """A full name is rare enough within a compound; a surname is not even within a building."""
    return (person.name, address.place) if person.full else (person.name, address.place, address.door)


def _check(secret: bytes, version: int) -> None:
    problems = []
    if len(secret) < SHORTEST_SECRET:
        problems.append(Problem(("secret",), f"has {len(secret)} bytes; at least {SHORTEST_SECRET} are needed"))
    if version < 1:
        problems.append(Problem(("version",), f"{version} is not 1 or more"))
    if problems:
        raise BadInput("callers", problems)
