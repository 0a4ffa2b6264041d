"""The kinds of resources, one row each: what ARNs, records, quotas and the API know of a kind follows from its row.

A new kind is a row here, its rules in ``resources/<name>.py`` and, where it has a job, that in ``jobs/<name>.py``; its
tests have the same names. ``tests/project/test_names_line_up.py`` keeps it so.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of resource. ``quota``: how many there may be in an account, Amazon's default; None: any number."""

    name: str
    parents: tuple[str, ...] = ()  # kinds that its direct parent may have. Children of a child cannot outlive it either
    has_ulid: bool = False  # in its ARN, always or (predictors) sometimes: one name must still be given only once
    has_job: bool = True
    is_subresource: bool = False  # without an ARN in the API; deleted with its parent whatever its status
    quota: int | None = None

    @property
    def arn_type(self) -> str:
        """The resource type in its ARNs: ``dataset-import-job``."""
        return self.name.replace("_", "-")

    @property
    def noun(self) -> str:
        """What sentences call it: ``dataset import job``, ``what-if analysis``."""
        return self.name.replace("_", " ").replace("what if", "what-if")


_ROWS = (
    Kind("dataset_group", has_job=False, quota=500),
    Kind("dataset", has_job=False, quota=1500),
    Kind("dataset_import_job", parents=("dataset",), quota=1000),
    Kind("predictor", parents=("dataset_group",), has_ulid=True, quota=500),
    Kind("predictor_backtest_export_job", parents=("predictor",), quota=1000),
    Kind("forecast", parents=("predictor",), quota=100),
    Kind("forecast_export_job", parents=("forecast",), quota=1000),
    Kind("explainability", parents=("forecast", "predictor"), quota=1000),
    Kind("explainability_export", parents=("explainability",), quota=1000),
    Kind("monitor", parents=("predictor",), has_ulid=True, quota=1000),
    Kind("monitor_evaluation", parents=("monitor",), is_subresource=True),
    Kind("what_if_analysis", parents=("forecast",), has_ulid=True, quota=500),
    Kind("what_if_forecast", parents=("what_if_analysis",), has_ulid=True, quota=100),
    Kind("what_if_forecast_export", parents=("what_if_forecast",), has_ulid=True, quota=1000),
)

KINDS = {kind.name: kind for kind in _ROWS}
SUBRESOURCES = frozenset(kind.name for kind in _ROWS if kind.is_subresource)
