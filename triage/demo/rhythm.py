"""When people call: more after days off, two peaks a day, few at night, and one day of rain."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from triage.domain.moments import SHANGHAI
from triage.policy.calendar.workdays import WorkingTime

DAYS = 30
"""A month of the demo."""

_DAY_OFF, _FIRST_DAY, _WORKDAY, _RAIN = 0.55, 1.4, 1.0, 1.6
_RAINS = (10, 20)
_HOURS = {
    "day": (1, 0.5, 0.4, 0.4, 0.5, 1, 3, 8, 16, 24, 26, 19, 11, 13, 22, 25, 20, 14, 12, 14, 12, 8, 4, 2),
    "night": (0, 0, 0, 0, 0, 0, 4, 14, 16, 10, 6, 4, 3, 3, 3, 3, 3, 3, 4, 6, 8, 14, 16, 6),
}
"""Of each hour of a day how many calls it gets, among the others; `night` is for what keeps people awake."""


class Rhythm:
    """Draws moments of a month that begins at midnight of `start`; `hours` know which days are off."""

    def __init__(self, start: date, hours: WorkingTime, rng: Random) -> None:
        self._rng = rng
        self._start = datetime.combine(start, time(), SHANGHAI)
        self.rain_day = rng.randrange(*_RAINS)
        self._weights = [self._weight(day, hours) for day in range(DAYS)]

    @property
    def end(self) -> datetime:
        """The midnight at which the month is over."""
        return self._start + timedelta(days=DAYS)

    def day(self) -> int:
        """A day, from 0, as the week has it."""
        return self._rng.choices(range(DAYS), self._weights)[0]

    def moment(self, day: int, hours: str = "day") -> datetime:
        """A moment of a day, to the minute."""
        hour = self._rng.choices(range(24), _HOURS[hours])[0]
        return self._start + timedelta(days=day, hours=hour, minutes=self._rng.randrange(60))

    def _weight(self, day: int, hours: WorkingTime) -> float:
        off, before = (self._is_off(one, hours) for one in (day, day - 1))
        weight = _DAY_OFF if off else _FIRST_DAY if before else _WORKDAY
        return weight * (_RAIN if day == self.rain_day else 1.0)

    def _is_off(self, day: int, hours: WorkingTime) -> bool:
        return not hours.calendar.is_workday((self._start + timedelta(days=day)).date())
