"""What registration weighs errors by."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from provenance.compare.registration import CALM, calm


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.sampled_from([np.float32, np.float64]))
def test_how_far_the_calmer_errors_go_is_numpys_quantile_to_the_bit(errors: list[float], kind: type) -> None:
    error = np.array(errors, kind)
    assert calm(error) == float(np.quantile(np.abs(error), CALM))
