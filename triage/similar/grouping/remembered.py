"""The orders that a new one is compared with: records of fixed size that grow in number as orders come."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from triage.domain.errors import ModelFault
from triage.similar.grouping.encoded import Orders, order_type

Numbers = npt.NDArray[np.int64]
_FIRST = 1024


class Remembered:
    """At most `capacity` orders; beyond that each new one is written over the one that came first.

    An order's number counts up for ever, so that the number of one that was forgotten is known to be gone.
    """

    def __init__(self, width: int, capacity: int) -> None:
        self.capacity = capacity
        self.next = 0
        self._orders: Orders = np.zeros(min(_FIRST, capacity), dtype=order_type(width))

    @property
    def oldest(self) -> int:
        """The smallest number that is still remembered."""
        return max(0, self.next - self.capacity)

    def add(self, order: Orders) -> int:
        """Remember one order; its number."""
        number = self.next
        self.next += 1
        if number == len(self._orders) < self.capacity:
            grown = np.zeros(min(2 * number, self.capacity), dtype=self._orders.dtype)
            grown[:number] = self._orders
            self._orders = grown
        self._orders[number % self.capacity] = order
        return number

    def forget_caller(self, number: int) -> None:
        """Keep an order, where it is remembered, without its caller."""
        if number >= self.oldest:
            self._orders["caller"][number % self.capacity] = 0

    def of(self, numbers: Numbers | int) -> Orders:
        """These orders, or this one; they must be remembered."""
        found: Orders = self._orders[numbers % self.capacity]
        return found

    def days(self, numbers: Numbers) -> npt.NDArray[np.float64]:
        """When these orders were received, in days."""
        days: npt.NDArray[np.float64] = self._orders["day"][numbers % self.capacity]
        return days

    def state(self) -> Orders:
        """The records, as far as there are any."""
        return self._orders[: min(self.next, self.capacity)]

    def restore(self, orders: Orders, following: int) -> None:
        """Take up the records of before; `following` is the number that the next order gets."""
        if orders.dtype != self._orders.dtype or len(orders) != min(following, self.capacity):
            raise ModelFault(f"remembered orders: {len(orders)} records of another kind or number than are kept here")
        self._orders = orders.copy() if len(orders) >= _FIRST else np.resize(orders, _FIRST)
        self.next = following
