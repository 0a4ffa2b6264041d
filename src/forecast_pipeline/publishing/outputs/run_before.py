"""The run before, as a run says it is compared with it."""

from forecast_pipeline.compared.changes import changed_inputs, changed_parameters
from forecast_pipeline.publishing.outputs.latest_forecast import RUN_DOCUMENT, LatestForecast
from forecast_pipeline.runs.published import Published, RunBefore
from forecast_pipeline.runs.run_document import WithPredictor


def run_before(latest: LatestForecast, document: WithPredictor, earlier_run: str | None) -> RunBefore | None:
    """The figures of the run before, without totals, and what changed since; None where there was none.

    ``earlier_run`` is None, too, where the latest run is published again: it then says what it has said.
    """
    if earlier_run is None:
        mark = latest.latest_mark()
        said = mark.get("Before") if mark and mark["RunId"] == document.Run.Id else None
        return RunBefore.model_validate(said) if said else None
    mark = latest.mark_of(earlier_run)
    if mark is None:
        return None
    figures, made = Published.model_validate(mark), latest.document_of(earlier_run, RUN_DOCUMENT)
    now = document.as_given()
    return RunBefore(
        Run=earlier_run,
        Horizon=figures.Horizon,
        Accuracy=figures.Accuracy,
        SeasonalNaive=figures.SeasonalNaive,
        ChangedParameters=changed_parameters(made, now) if made else None,
        ChangedFiles=changed_inputs(made, now) if made else [],
    )
