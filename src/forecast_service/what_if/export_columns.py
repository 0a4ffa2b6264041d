"""How the columns of a what-if export are named: ``Baseline_p10``, ``<name of a what-if forecast>_p10``, ..."""

BASELINE = "Baseline"  # begins the names of the baseline's columns, as a forecast's name begins those of its own
