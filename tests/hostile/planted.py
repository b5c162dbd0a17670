"""Invented people: what must be found nowhere but behind the key. All of it is made up by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马方俞任袁柳唐"
_GIVEN = "骏瑾翊睿昊玥璇珩彧喆琬翀煜霏旻晗"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE_GAPS = ("{}{}{}", "{} {} {}", "{}-{}-{}")


@dataclass(frozen=True)
class Planted:
    """One person's data, each written as it is planted."""

    name: str
    mobile: str
    landline: str
    identity: str
    home: str
    plate: str
    email: str

    @property
    def traces(self) -> Iterator[str]:
        """What tells of them wherever it stands: as planted, numbers without their gaps too, of a home the room."""
        yield from (self.name, self.mobile, self.landline, self.identity, self.home, self.plate, self.email)
        yield self.mobile.replace(" ", "").replace("-", "")
        yield self.landline.replace("-", "")
        yield self.home.partition("号")[2]


def people(count: int, seed: int = 12345) -> list[Planted]:
    """So many people, no two with a name, a number or a room in common."""
    rng = Random(seed)
    names = [f"{one}{two}{three}" for one in _SURNAMES for two in _GIVEN for three in _GIVEN if two != three]
    rng.shuffle(names)
    return [_person(number, names[number], rng) for number in range(count)]


def _person(number: int, name: str, rng: Random) -> Planted:
    head, middle, tail = f"1{rng.choice('3578')}{rng.randrange(10)}", f"{number:04d}", f"{rng.randrange(10000):04d}"
    return Planted(
        name=name,
        mobile=rng.choice(_MOBILE_GAPS).format(head, middle, tail),
        landline=f"021-{rng.choice('356')}{rng.randrange(1000):03d}{number:04d}",
        identity=_identity(number, rng),
        home=f"{rng.randrange(1, 99)}号{number + 1001}室",
        plate=f"沪{rng.choice('ABCDEF')}{rng.choice('·  ').strip()}{rng.choice('GHJKLM')}{number:04d}",
        email=f"{rng.choice('abcdef')}x{number:04d}@example.cn",
    )


def _identity(number: int, rng: Random) -> str:
    """With its check digit (GB 11643), else nobody could tell it from an order's number."""
    digits = f"310115{1950 + number % 50}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}{number:03d}"[:17]
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return f"{digits}{'10X98765432'[rest]}"
