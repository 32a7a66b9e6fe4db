"""What may happen when an array is written into while it is being differentiated."""

import numpy as np
import pytest


def right_or_refused(run, expected):
    """The answer as if nothing had been written, or the error of the one who tried."""
    try:
        found = run()
    except (TypeError, ValueError) as error:
        if not any(word in str(error) for word in ("read-only", "written", "write")):
            pytest.fail(f"refused for another reason: {error}")
        return
    np.testing.assert_allclose(found, expected, rtol=1e-12)  # sums of n ones
