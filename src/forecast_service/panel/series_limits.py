"""How many series a request may name; no numpy here, since the API asks too."""

MOST_EXPLAINED_SERIES = 50  # in an explainability of a forecast: Amazon's quota
