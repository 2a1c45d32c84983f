"""Disjoint sets, joined pair by pair. Source: Tarjan, JACM 22(2), 1975; path halving, van Leeuwen and van der Weide."""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Unions(Generic[T]):
    """Items in sets, each named after its first item by `order`, whatever the order of the joins.

    A step costs the logarithm of a set's size at worst, on average less.
    """

    def __init__(self, order: Callable[[T], Any]) -> None:
        self._order = order
        self._above: dict[T, T] = {}

    def __contains__(self, item: T) -> bool:
        return item in self._above

    def join(self, one: T, other: T) -> bool:
        """Make the sets of two items one, new items included; False when they are one already."""
        first, second = self.name(one), self.name(other)
        if first == second:
            return False
        if self._order(second) < self._order(first):
            first, second = second, first
        self._above[second] = first
        return True

    def name(self, item: T) -> T:
        """The first item of the set that `item` is in; one not seen before makes a set of its own."""
        above = self._above
        if item not in above:
            above[item] = item
        while (up := above[item]) != item:
            above[item] = item = above[up]
        return item
