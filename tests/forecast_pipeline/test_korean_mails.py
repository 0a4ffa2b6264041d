"""Every kind of mail is Korean with Language=ko, but for names, commands, figures and the words of services."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from forecast_language import speaking
from forecast_pipeline.cost.sentences import amazon_sentence, used_sentence
from forecast_pipeline.cost.used import Used
from forecast_pipeline.notification import Notification, approval_mail, failure_mail, success_mail
from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.publishing_rules import DriftLimits, PublishIf
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.preparation.mail import preparation_mail
from forecast_pipeline.preparation.preparation_document import EndedPreparation
from forecast_pipeline.publishing.measures.gate import reasons_to_hold_back
from forecast_pipeline.publishing.measures.input_drift import LevelSums, input_signs, span_of_season
from forecast_pipeline.runs.came_true import CameTrue, drift_signs
from forecast_pipeline.runs.file_remarks import file_remarks
from forecast_pipeline.runs.run_document import EndedRun, WithPublished
from tests.project.sentences import PROJECT

UNTIL = datetime(2026, 1, 7, 3, 0, tzinfo=UTC)
ENGLISH = re.compile(r"[A-Za-z]+(?:[,;:]? +[A-Za-z]+){2,}")
FROM_SERVICES = "too few rows to learn from"
MADE = {"Run": "8c01", "Made": "2024-06-01T06:00:00+00:00", "First": "2024-06-01T00:00:00", "Frequency": "M"}
JUNE = CameTrue(
    **MADE,
    Periods=1,
    Points=50,
    Actual=150,
    Forecast=100,
    Bias=0.5,
    Inside=0.4,
    BandShare=0.8,
    AverageWeightedQuantileLoss=0.4,
    SeasonalNaiveAverageWeightedQuantileLoss=0.3,
    PromisedAverageWeightedQuantileLoss=0.1,
)
PART = {"Start": "2024-02-26T00:00:00", "Period": "W", "Held": 2, "Steps": 7, "Step": "D"}

SUCCESS = """\
실행 9f3c1a2b7d(버킷 almanac-data): 성공했습니다.
대상 시계열: train/에서 파일 1개를 가져왔습니다. 읽은 행 26304개 = 사용 26304개 + 제외 0개.
예측기 electricity_9f3c1a2b7d: 학습을 마치고 품목 3개를 2015-01-01T01:00:00부터 \
2015-01-02T00:00:00까지 24단계 예측했습니다.

백테스트 구간 3개에서 잰 정확도와 계절 나이브의 정확도:
  평균 가중 분위수 손실: 0.0633, 계절 나이브 0.0911 (30.5% 더 좋음)
  WAPE: 0.0812, 계절 나이브 0.1104 (26.4% 더 좋음)
  RMSE: 22.24, 계절 나이브 30.02 (25.9% 더 좋음)
  MASE: 0.71, 계절 나이브 1 (29.0% 더 좋음)
  80 % 구간에 들어온 실제 값의 비율: 79.3%

파일:
  예측: s3://almanac-data/latest/forecast.csv
  예측(세로형): s3://almanac-data/quicksight/forecast.csv
  품목별 정확도: s3://almanac-data/latest/item_accuracy.csv
  품목별 모델: s3://almanac-data/latest/item_models/item_models.csv
  정확도: s3://almanac-data/latest/accuracy.json
  보고서: s3://almanac-data/latest/report.html

Amazon Forecast라면 예측 데이터 포인트 5,328개에 $10.66, 그 밖에 가져오기와 학습 요금을 더 받습니다."""
FAILURE = """\
실행 9f3c1a2b7d(버킷 almanac-data): ExportForecast 단계에서 실패했습니다.

too few rows to learn from

앞서 게시한 예측은 바뀌지 않고 그대로 있습니다.
문제를 고친 뒤 파일을 다시 올리거나 파이프라인을 직접 시작하면 다시 실행됩니다."""


@pytest.fixture(autouse=True)
def korean() -> Iterator[None]:
    with speaking("ko"):
        yield


def event(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PROJECT / "events" / name).read_text())
    return document


def succeeded(**published: Any) -> WithPublished:
    document = event("notify.json")
    document["Published"] |= published
    return WithPublished.model_validate(document)


def english_in(mail: Notification) -> list[str]:
    """Three words of English in a row, but for what a service said; the subject stays English."""
    assert mail.subject.isascii()
    text = mail.text.replace(FROM_SERVICES, "")
    return [words[0] for line in text.splitlines() for words in [ENGLISH.search(line)] if words]


def test_a_success_reads_so() -> None:
    mail = success_mail(succeeded(), [amazon_sentence(5328)])
    assert mail.subject == "Forecast ready: electricity, 31% better than seasonal naive"
    assert mail.text == SUCCESS


def test_a_failure_reads_so() -> None:
    failed = event("notify_failure.json")
    failed["Failure"] = {"ExportForecast": {"Error": "ResourceFailed", "Cause": FROM_SERVICES}}
    assert failure_mail(EndedRun.model_validate(failed)).text == FAILURE


def test_a_success_with_all_that_may_be_told_is_korean() -> None:
    everything = succeeded(
        AsOf="2025-06-30",
        SupersededBy="2026-01-06-9f3c1a2b7d",
        NewItemCount=1,
        AggregatedRowCount=3,
        Aggregation="avg",
        PartialPeriod=PART,
        PartialFirstPeriod=PART | {"IsLeftOut": True},
        ItemChanges={"Since": "8c01", "New": 2, "NewNames": ["a", "b"], "Vanished": 1, "VanishedNames": ["c"]},
        Rows={"TARGET_TIME_SERIES": {"Read": 40, "Used": 38, "LeftOut": {"fields": 2}, "Unknown": 3}},
        AttributeImpact={"price": 1.0, "promotion": -0.5},
        CameTrue=[JUNE],
    )
    everything.Imports[0].Remarks.extend(file_remarks([], ["train/notes.txt", "train/x.txt"]))
    used = [used_sentence(Used(36, 45, 24.25, 60, 90), "eu-north-9"), amazon_sentence(5328)]
    assert english_in(success_mail(everything, used)) == []


def test_a_forecast_that_is_held_back_and_drifts_is_told_in_korean() -> None:
    latest = succeeded(ItemCount=1000).Published
    bad = succeeded(
        Accuracy={"AverageWeightedQuantileLoss": 0.5, "Coverage80": 0.1, "WindowCount": 2},
        SeasonalNaive={"AverageWeightedQuantileLoss": 0.1},
        ItemChanges={"Since": "8c01", "Earlier": 10, "New": 0, "Vanished": 9},
        Rows={"TARGET_TIME_SERIES": {"Read": 10, "Used": 10}},
        RowsBefore=100,
    )
    wanted = PublishIf(MaxLossOverNaive=1.1, MaxLossOverLatest=1.1, MinCoverage=0.5, MinItemShare=0.9)
    bad.Published.HeldBack = reasons_to_hold_back(bad.Published, latest, wanted)
    levels = LevelSums(10, 100, 100, 100)
    signs = input_signs(bad.Published, levels, span_of_season((12,), "M"), DriftLimits())
    bad.Published.Drift = [*drift_signs(JUNE, DriftLimits()), *signs]
    assert (len(bad.Published.HeldBack), len(bad.Published.Drift)) == (4, 6)
    assert english_in(success_mail(bad)) == []


@pytest.mark.parametrize(
    "restored",
    [
        None,
        {"State": "kept", "RunId": "8c01"},
        {"State": "restored", "RunId": None},
        {"State": "replaced", "RunId": "8c01"},
        {"State": "kept", "RunId": "8c01", "Replacing": "8c02"},
        {"State": "mixed", "RunId": "8c01", "Refused": {"latest/report.html": "AccessDenied"}},
    ],
)
def test_a_failed_run_is_told_in_korean(restored: dict[str, Any] | None) -> None:
    failed = event("notify_failure.json") | {"Restored": restored}
    failed["Failure"] = {"TrainPredictor": {"Error": "States.TaskFailed", "Cause": FROM_SERVICES}}
    assert english_in(failure_mail(EndedRun.model_validate(failed))) == []


def test_a_run_whose_files_changed_is_told_in_korean() -> None:
    superseded = event("notify_failure.json")
    superseded["Failure"] = {"ImportData": {"Error": "Superseded", "Cause": FROM_SERVICES}}
    assert english_in(failure_mail(EndedRun.model_validate(superseded))) == []


@pytest.mark.parametrize("error", ["ResourceFailed", "ReplacementUnfinishedError", "Lambda.Unknown"])
def test_raw_data_that_could_not_be_prepared_are_told_in_korean(error: str) -> None:
    ended = event("replace_train_data.json")
    ended["Failure"] = {"ReplaceTrainData": {"Error": error, "Cause": FROM_SERVICES}}
    assert english_in(preparation_mail(EndedPreparation.model_validate(ended))) == []


def test_a_forecast_that_waits_for_approval_is_told_in_korean() -> None:
    assert english_in(approval_mail(succeeded(), UNTIL, "https://x/?a", "https://x/?b")) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"{",
            "params.json, 1번째 줄, 2번째 글자: JSON이 아닙니다(Expecting property name enclosed in double quotes).",
        ),
        (b"3", "params.json: 3 값을 쓸 수 없습니다(필요한 값: 다음 멤버를 가진 객체: "),
        (b'{"Datasets": 3, "Forcast": {}}', "params.json, Datasets: 3 값을 쓸 수 없습니다(필요한 값: 목록)."),
        (b'{"Forcast": {}}', "params.json, Forcast: 모르는 멤버입니다. 혹시 Forecast 아닌가요?"),
    ],
)
def test_a_mistake_in_the_parameters_is_told_in_korean(content: bytes, told: str) -> None:
    """But for what Python's own reader of JSON says in parentheses."""
    with pytest.raises(ParameterError, match=re.escape(told)):
        read_parameters("params.json", content)
