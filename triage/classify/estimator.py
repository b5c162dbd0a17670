"""scikit-learn's conventions without importing scikit-learn.

Parameters are stored untouched by `__init__`, fitted attributes end in `_`, and `sklearn.base.clone` works. Importing
scikit-learn costs a second and a half and half the memory of the service, and is needed for fitting only.
"""

from __future__ import annotations

import inspect
from typing import Any, Self


class Estimator:
    """Base of what is fitted: `get_params` and `set_params` over the arguments of `__init__`."""

    @classmethod
    def _names(cls) -> list[str]:
        return list(inspect.signature(cls).parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name; `deep` is there because scikit-learn passes it."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; an unknown one is a ValueError."""
        for name, value in params.items():
            if name not in self._names():
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}; known are {self._names()}")
            setattr(self, name, value)
        return self
