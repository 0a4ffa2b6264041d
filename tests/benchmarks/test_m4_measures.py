"""The share of values in an interval, where values equal its ends."""

import numpy as np
import pytest
from m4_measures import coverage80_of_ties

DECILES = np.arange(1, 10) / 10


def test_without_ties_both_shares_of_the_80_percent_interval_agree() -> None:
    random = np.random.default_rng(0)
    actual = random.normal(0, 1, (50, 4))
    quantiles = np.sort(random.normal(0, 1, (50, 4, 9)), axis=2)
    plain = np.mean((actual >= quantiles[:, :, 0]) & (actual <= quantiles[:, :, 8]))
    assert coverage80_of_ties(actual, quantiles) == pytest.approx(plain)


@pytest.mark.parametrize(
    ("value", "zeros", "share"),
    [
        (0.0, 9, 8 / 10),  # every quantile is the value: all ten bands, eight of them inside
        (0.0, 6, 6 / 7),  # the first seven bands, all but the first inside
        (0.0, 1, 1 / 2),  # the value is the 0.1 quantile
        (9.0, 0, 1 / 2),  # the value is the 0.9 quantile
        (10.0, 0, 0.0),
        (-1.0, 0, 0.0),
    ],
)
def test_a_tie_counts_by_the_bands_it_touches(value: float, zeros: int, share: float) -> None:
    quantiles = np.arange(1.0, 10.0)
    quantiles[:zeros] = 0.0
    found = coverage80_of_ties(np.array([[value]]), quantiles[None, None])
    assert found == pytest.approx(share)


def test_right_quantiles_of_counts_cover_80_percent_once_ties_count_in_parts() -> None:
    counts = np.random.default_rng(1).poisson(0.7, (1, 100_000)).astype(float)
    quantiles = np.broadcast_to(np.quantile(counts, DECILES, method="inverted_cdf"), (1, 100_000, 9))
    plain = np.mean((counts >= quantiles[:, :, 0]) & (counts <= quantiles[:, :, 8]))
    assert plain > 0.95
    assert coverage80_of_ties(counts, quantiles) == pytest.approx(0.8, abs=0.03)
