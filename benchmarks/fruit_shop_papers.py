"""What only the fruit shop is asked: what moves a forecast, what would be if, and how good it turned out to be."""

from typing import Any

from fixed_panels import DAYS, later_sales, schema
from panel_study import Study
from paper_text import lines_of_answer

APPLES = {"AttributeName": "item_id", "AttributeValue": "apples", "Condition": "EQUALS"}
CHEAPER = {
    "Action": {"AttributeName": "price", "Operation": "MULTIPLY", "Value": 0.8},
    "TimeSeriesConditions": [APPLES],
}
REPLACED = "timestamp:timestamp item_id:string price:float"


def ask_the_shop(study: Study) -> None:
    """Ask all of it of the shop's auto predictor and of its forecast."""
    forecasts = study.service.forecast.list_forecasts()["Forecasts"]
    (forecast,) = (found["ForecastArn"] for found in forecasts if found["ForecastName"] == "auto")
    predictor = study.service.forecast.describe_forecast(ForecastArn=forecast)["PredictorArn"]
    study.service.put("in/some.csv", b"apples\ncherries\n")
    _explain(study, predictor, forecast)
    _ask_what_if(study, forecast)
    study.forecast_with("some", predictor, [{"item_id": "apples"}], TimeSeriesSelector=_some_series(study))
    _compare_with_later_sales(study, predictor)


def _explain(study: Study, predictor: str, forecast: str) -> None:
    """The explanation that the predictor was trained with, and one of some series of its forecast, day by day."""
    explained = study.service.forecast.describe_auto_predictor(PredictorArn=predictor)["ExplainabilityInfo"]
    study.export("impacts", "explainability_export", {"ExplainabilityArn": explained["ExplainabilityArn"]})
    some = study.make(
        "some_impacts",
        "explainability",
        ExplainabilityName="some_impacts",
        ResourceArn=forecast,
        ExplainabilityConfig={"TimeSeriesGranularity": "SPECIFIC", "TimePointGranularity": "ALL"},
        DataSource=study.service.path("in/some.csv"),
        Schema=schema("item_id:string"),
    )
    for form in ("CSV", "PARQUET"):
        study.export(f"some_impacts_{form}", "explainability_export", {"ExplainabilityArn": some}, Format=form)


def _ask_what_if(study: Study, forecast: str) -> None:
    """Scenarios of all series by transformation and by replacement, and of some series; compared in an export."""
    replaced = b"2025-01-07,pears,9.5\n2025-01-14,apples,1.5\n"
    study.service.put("in/replaced.csv", replaced)
    source: dict[str, Any] = {"Schema": schema(REPLACED), "TimestampFormat": DAYS, "Format": "CSV"}
    source |= study.service.path("in/replaced.csv")
    analysis = _analysis(study, "all_series", forecast)
    scenarios = [
        _scenario(study, "cheaper", analysis, TimeSeriesTransformations=[CHEAPER]),
        _scenario(study, "other_prices", analysis, TimeSeriesReplacementsDataSource=source),
    ]
    few = _analysis(study, "some_series", forecast, TimeSeriesSelector=_some_series(study))
    apples = _scenario(study, "cheaper_apples", few, TimeSeriesTransformations=[CHEAPER])
    study.export("scenarios_of_some", "what_if_forecast_export", {"WhatIfForecastArns": [apples]})
    for form in ("CSV", "PARQUET"):
        study.export(f"scenarios_{form}", "what_if_forecast_export", {"WhatIfForecastArns": scenarios}, Format=form)


def _analysis(study: Study, name: str, forecast: str, **request: Any) -> str:
    return study.make(name, "what_if_analysis", WhatIfAnalysisName=name, ForecastArn=forecast, **request)


def _scenario(study: Study, name: str, analysis: str, **request: Any) -> str:
    """A scenario, and what it says of the apples."""
    scenario = study.make(name, "what_if_forecast", WhatIfForecastName=name, WhatIfAnalysisArn=analysis, **request)
    answer = study.service.query.query_what_if_forecast(WhatIfForecastArn=scenario, Filters={"item_id": "apples"})
    study.papers[f"{name}.query"] = lines_of_answer(answer)
    return scenario


def _compare_with_later_sales(study: Study, predictor: str) -> None:
    """The fortnight has passed: what the monitor finds, and a predictor that is trained anew."""
    monitor = study.service.forecast.describe_auto_predictor(PredictorArn=predictor)["MonitorInfo"]["MonitorArn"]
    study.import_files("sales", "later", later_sales())
    found = study.service.forecast.list_monitor_evaluations(MonitorArn=monitor)["PredictorMonitorEvaluations"]
    if not found:
        raise RuntimeError("The later sales have been imported; found no evaluation of the monitor, wanted one.")
    for evaluation in found:  # in no order: they are of one moment
        forecast = evaluation["MonitorDataSource"]["ForecastArn"].rpartition("/")[2]
        study.papers[f"{forecast}.monitor_evaluation"] = lines_of_answer(evaluation)
    again = study.make("again", "auto_predictor", PredictorName="again", ReferencePredictorArn=predictor)
    study.measure("again", again)
    study.forecast_with("newer", predictor)
    study.forecast_with("again", again)


def _some_series(study: Study) -> dict[str, Any]:
    """A selector of the apples and the cherries."""
    return {
        "TimeSeriesIdentifiers": {
            "DataSource": study.service.path("in/some.csv"),
            "Schema": schema("item_id:string"),
            "Format": "CSV",
        }
    }
