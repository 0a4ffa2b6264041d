"""What a mail says of the run before: which parameters and files changed, horizon, level and accuracy."""

from typing import Any

import pytest

from forecast_language import speaking
from forecast_pipeline.compared.changes import changed_inputs, changed_parameters
from forecast_pipeline.compared.sentences import compared_with_before
from forecast_pipeline.runs.published import AccuracyFigures, Published, RunBefore

TARGET = {"DatasetName": "sales", "DataFrequency": "D", "Schema": {"Attributes": [{"AttributeName": "item_id"}]}}


def document(run: str = "2026-01-05-9f3c1a2b7d", **changed: Any) -> dict[str, Any]:
    suffix = f"_{run.replace('-', '', 2).replace('-', '_')}"
    return {
        "Run": {"Id": run},
        "Datasets": [TARGET],
        "Imports": [{"DatasetType": "TARGET_TIME_SERIES", "TimestampFormat": "yyyy-MM-dd", "Path": "s3://b/train/"}],
        "AutoPredictor": {"PredictorName": f"sales{suffix}", "ForecastHorizon": 7},
        "Forecast": {"ForecastName": f"sales{suffix}", "ForecastTypes": ["0.1", "0.5"]},
        "PerformDelete": False,
        "Pipeline": {"KeepRuns": 3},
    } | changed


def test_a_new_run_of_the_same_parameters_has_no_change_though_its_names_have() -> None:
    assert changed_parameters(document(), document("2026-02-05-0123456789-2")) == []


def test_each_changed_member_is_named_with_its_old_value_and_its_new_one() -> None:
    price = {"DatasetName": "price", "DataFrequency": "D"}
    now = document(
        "2026-02-05-0123456789",
        Datasets=[TARGET | {"DataFrequency": "W"}, price],
        Forecast={"ForecastName": "other_20260205_0123456789", "ForecastTypes": ["0.1", "0.5", "0.9"]},
        Pipeline={"KeepRuns": 3, "PublishIf": {"MinCoverage": 0.5}},
    )
    assert changed_parameters(document(), now) == [
        "Datasets[sales].DataFrequency: D -> W",
        "Datasets[price]: not given -> given",
        "Forecast.ForecastName: sales -> other",
        "Forecast.ForecastTypes: 0.1, 0.5 -> 0.1, 0.5, 0.9",
        "Pipeline.PublishIf.MinCoverage: not given -> 0.5",
    ]


def test_a_member_that_an_older_version_did_not_know_had_its_default() -> None:
    older, newer = document(Pipeline={"KeepRuns": 3}), document(Pipeline={"KeepRuns": 3, "QuietSeconds": 5.0})
    assert changed_parameters(older, newer) == []


def test_columns_in_another_order_are_a_change() -> None:
    names = [{"AttributeName": name} for name in ("item_id", "timestamp")]
    before, now = (document(Datasets=[TARGET | {"Schema": {"Attributes": each}}]) for each in (names, names[::-1]))
    assert changed_parameters(before, now) == ["Datasets[sales].Schema.Attributes: in another order"]


def imports(kind: str, **etags: str) -> dict[str, Any]:
    files = [{"Key": f"related/{name}.csv", "Size": 1, "ETag": etag} for name, etag in etags.items()]
    content = {"Bytes": repr(etags), "ETags": repr(etags), "Files": files}
    return {"Imports": [{"DatasetType": kind, "Path": "s3://b/related/", "Content": content}]}


def test_files_beside_those_of_the_target_are_told_of() -> None:
    before, now = imports("RELATED_TIME_SERIES", a="1", b="2"), imports("RELATED_TIME_SERIES", a="3", c="2")
    assert changed_inputs(before, now) == [
        "related/a.csv was replaced",
        "related/b.csv is gone",
        "related/c.csv is new",
    ]
    assert changed_inputs(before, before) == []
    assert changed_inputs(imports("TARGET_TIME_SERIES", a="1"), imports("TARGET_TIME_SERIES", a="2")) == []
    now["Imports"][0]["Content"]["Files"] = []
    assert changed_inputs(before, now) == ["related/ changed"]
    many = imports("RELATED_TIME_SERIES", **{f"f{number}": "1" for number in range(9)})
    assert changed_inputs(before, many)[-1] == "8 more files in related/ changed"  # 9 are new, 2 are gone, 3 are named


def figures(loss: float | None, naive: float | None) -> dict[str, Any]:
    return {
        "Accuracy": AccuracyFigures(AverageWeightedQuantileLoss=loss),
        "SeasonalNaive": AccuracyFigures(AverageWeightedQuantileLoss=naive),
    }


def published(before: RunBefore | None, loss: float = 0.1, naive: float = 0.2) -> Published:
    span = {"FirstTimestamp": "2026-01-01", "LastTimestamp": "2026-01-07"}
    return Published(ItemCount=2, Horizon=7, Before=before, **span, **figures(loss, naive))


def before(**changed: Any) -> RunBefore:
    return RunBefore(**{"Run": "8c01", "Horizon": 7, **figures(0.1, 0.2), "ChangedParameters": []} | changed)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"Horizon": 5}, "horizon: 7 steps, before 5"),
        (
            {"Total": 200.0, "SharedTotal": 224.0},
            "total of the steps that both forecast: 12.0 % above that of the run before",
        ),
        (
            {"Total": -100.0, "SharedTotal": -110.0},
            "total of the steps that both forecast: 10.0 % below that of the run before",
        ),
        (figures(0.08, 0.2), "average wQL in the backtest: 0.1, before 0.08; seasonal naive 0.2, before 0.2"),
        (figures(0.1, 0.25), "average wQL in the backtest: 0.1, before 0.1; seasonal naive 0.2, before 0.25"),
        (figures(0.0, 0.2), "average wQL in the backtest: 0.1, before 0; seasonal naive 0.2, before 0.2"),
        ({"ChangedParameters": ["Pipeline.KeepRuns: 3 -> 5"]}, "Pipeline.KeepRuns: 3 -> 5"),
        ({"ChangedFiles": ["related/a.csv was replaced"]}, "related/a.csv was replaced"),
    ],
)
def test_what_changed_much_has_a_line(changed: dict[str, Any], line: str) -> None:
    assert [*compared_with_before(published(before(**changed)))] == ["Compared with run 8c01:", f"  {line}"]


@pytest.mark.parametrize(
    ("changed", "compared"),
    [
        ({}, "horizon, accuracy and parameters"),
        ({"Total": 200.0, "SharedTotal": 209.0}, "horizon, total, accuracy and parameters"),
        ({"ChangedParameters": None} | figures(0.104, 0.2), "horizon and accuracy"),
        (figures(None, None), "horizon, accuracy and parameters"),
    ],
)
def test_where_nothing_changed_much_one_sentence_says_so(changed: dict[str, Any], compared: str) -> None:
    sentence = f"Compared with run 8c01, {compared} are much the same."
    assert [*compared_with_before(published(before(**changed)))] == [sentence]


def test_the_same_is_said_in_korean() -> None:
    with speaking("ko"):
        lines = [*compared_with_before(published(before(Horizon=5, ChangedFiles=["related/a.csv"])))]
        assert changed_parameters(document(), document(PerformDelete=None)) == ["PerformDelete: false -> 없음"]
    assert lines == ["이전 실행(8c01)과 비교하면:", "  예측 기간: 7단계, 이전에는 5단계", "  related/a.csv"]


def test_the_first_run_is_compared_with_none_and_many_parameters_are_counted() -> None:
    assert [*compared_with_before(published(None))] == []
    many = before(ChangedParameters=[f"Member{number}: 1 -> 2" for number in range(12)])
    lines = [*compared_with_before(published(many))]
    assert (len(lines), lines[-1]) == (12, "  2 more parameters")
