"""How many cases there are: a thousand in the gate, ten thousand in the soak, or as many as TRIAGE_TEST_CASES says."""

from __future__ import annotations

import math
import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings

SOAK = settings.get_current_profile_name() == "soak"
CASES = int(os.environ.get("TRIAGE_TEST_CASES", "0")) or (10_000 if SOAK else 1_000)


def cases(share: float, **more: Any) -> settings:
    """Settings for a share of the cases. No shrinking: a case may have met what others left behind. In the gate they
    are the same every time, so that it fails for what was changed."""
    return settings(
        max_examples=math.ceil(CASES * share),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=not SOAK,
        **more,
    )
