"""The workshop's panel is what its true quantiles say it is."""

import numpy as np
from workshop_panel import DAYS, LEVELS, settings_of, workshop


def test_true_quantiles_hold_their_share_of_whole_numbers() -> None:
    values, quantiles, means = workshop(3, items=500)
    assert values.shape == (500, DAYS)
    np.testing.assert_array_equal(values, np.floor(values))
    for part in (slice(0, 200), slice(200, 400), slice(400, 500)):  # promotions, growing, stable
        below = (values[part, :, None] < quantiles[part]).mean(axis=(0, 1))
        ties = (values[part, :, None] == quantiles[part]).mean(axis=(0, 1))
        np.testing.assert_allclose(below + ties / 2, LEVELS, atol=0.02)
        assert abs(values[part].mean() / means[part].mean() - 1) < 0.01


def test_names_train_what_their_predictors_train() -> None:
    assert settings_of("portfolio").models is None
    assert settings_of("NPTS").models == ("npts",)
    assert settings_of("NPTS").sampling is not None
    assert "lightgbm" in (settings_of("CNN-QR").models or ())
