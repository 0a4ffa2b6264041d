"""params.json: the workshop's file as it is, and every mistake by its path."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.parameters.requests import Parameters

WORKSHOP = json.loads((Path(__file__).parent / "workshop_params.json").read_text())
MEMBERS = sorted(Parameters.model_fields)
AUTO = {"PredictorName": "auto", "ForecastHorizon": 24, "ForecastFrequency": "H"}


def changed(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The workshop's file after a change."""
    tree = copy.deepcopy(WORKSHOP)
    change(tree)
    return json.dumps(tree).encode()


def complaint(content: bytes) -> str:
    with pytest.raises(ParameterError) as caught:
        read_parameters("params.json", content)
    return str(caught.value)


def test_the_workshops_file_is_taken_unmodified_and_passed_on_as_it_is() -> None:
    parameters = read_parameters("params.json", json.dumps(WORKSHOP).encode())
    assert parameters.Predictor is not None
    assert parameters.Predictor.without_nulls() == WORKSHOP["Predictor"]
    assert [dataset.without_nulls() for dataset in parameters.Datasets] == WORKSHOP["Datasets"]
    assert parameters.Forecast.without_nulls() == WORKSHOP["Forecast"]


def test_what_may_be_left_out_has_the_documented_values() -> None:
    def leave_out(tree: dict[str, Any]) -> None:
        del tree["PerformDelete"]
        del tree["TimestampFormat"]

    parameters = read_parameters("params.json", changed(leave_out))
    assert parameters.PerformDelete is False
    assert parameters.TimestampFormat == "yyyy-MM-dd HH:mm:ss"
    assert parameters.Pipeline.KeepRuns == 3
    assert parameters.Pipeline.QuietSeconds == 5
    assert parameters.Pipeline.MaxLeftOutShare == 0.1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS) | st.text(), inner),
        max_leaves=20,
    )
)
def test_whatever_json_stands_in_the_file_the_answer_is_a_sentence_that_a_mail_can_carry(tree: Any) -> None:
    assert complaint(json.dumps(tree).encode()).encode().startswith(b"params.json")


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"Forecast": ' + b"9" * 5000 + b"}", b'{"\\ud800": 1}'])
def test_hostile_json_is_a_sentence_too(content: bytes) -> None:
    assert complaint(content).encode().startswith(b"params.json")


def test_a_byte_order_mark_as_windows_editors_write_it_is_no_mistake() -> None:
    read_parameters("params.json", b"\xef\xbb\xbf" + json.dumps(WORKSHOP).encode())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"Forecast": {},\n "Forecast" {}}', "params.json, line 2, column 13: not JSON (Expecting ':' delimiter)."),
        (b'{"Forecast": {}, "Forecast": {}}', "params.json: member Forecast is there twice in one object."),
        ('{"Forecast": "예측"}'.encode("cp949"), "params.json: byte 14 is not UTF-8."),
        (b"[]", "params.json: found [], wanted an object with DatasetGroup, Datasets, TimestampFormat, "),
        (b"", "params.json, line 1, column 1: not JSON (Expecting value)."),
    ],
)
def test_a_file_that_is_no_json_object_is_told_by_line_or_byte(content: bytes, sentence: str) -> None:
    assert complaint(content).startswith(sentence)


def rename(holder: dict[str, Any], old: str, new: str) -> None:
    holder[new] = holder.pop(old)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda tree: rename(tree, "Predictor", "Predictr"), "Predictr: not a known member, did you mean Predictor?"),
        (
            lambda tree: rename(tree["DatasetGroup"], "DatasetGroupName", "datasetgroupname"),
            "DatasetGroup.datasetgroupname: not a known member, did you mean DatasetGroupName?",
        ),
        (
            lambda tree: rename(tree["Datasets"][0]["Schema"], "Attributes", "Atributes"),
            "Datasets[0].Schema.Atributes: not a known member, did you mean Attributes?",
        ),
        (lambda tree: tree["Predictor"].pop("ForecastHorizon"), "Predictor.ForecastHorizon: missing."),
        (
            lambda tree: tree["Predictor"].update(AlgorithmArn="arn:aws:forecast:::algorithm/DeepAR"),
            'Predictor.AlgorithmArn: found "arn:aws:forecast:::algorithm/DeepAR", wanted arn:aws:forecast:::algorithm/ '
            "and ARIMA, CNN-QR, Deep_AR_Plus, ETS, NPTS or Prophet.",
        ),
        (
            lambda tree: tree["DatasetGroup"].update(Colour="red"),
            "DatasetGroup.Colour: not a known member, known here are DatasetGroupName, Domain, Tags.",
        ),
        (
            lambda tree: tree["Predictor"].update(ForecastHorizon="24"),
            'Predictor.ForecastHorizon: found "24", wanted a whole number without quotes.',
        ),
        (
            lambda tree: tree["Predictor"].update(ForecastHorizon=0),
            "Predictor.ForecastHorizon: found 0, wanted 1 or more.",
        ),
        (
            lambda tree: tree["Predictor"].update(ForecastHorizon=501),
            "Predictor.ForecastHorizon: found 501, wanted 500 or less.",
        ),
        (
            lambda tree: tree["Predictor"]["FeaturizationConfig"].update(ForecastFrequency="30min"),
            'Predictor.FeaturizationConfig.ForecastFrequency: found "30min", wanted "H" as in Datasets[0].DataFreq',
        ),
        (lambda tree: tree.update(PerformDelete="no"), 'PerformDelete: found "no", wanted true or false.'),
        (
            lambda tree: tree["Predictor"]["FeaturizationConfig"].update(ForecastFrequency="hourly"),
            'Predictor.FeaturizationConfig.ForecastFrequency: found "hourly", wanted a frequency: 1min to 59min, ',
        ),
        (
            lambda tree: tree["Forecast"].update(ForecastTypes=["0.5", "P90"]),
            'Forecast.ForecastTypes[1]: found "P90", wanted a quantile such as "0.1" or "0.95", or "mean".',
        ),
        (
            lambda tree: tree["Forecast"].update(ForecastTypes=["0.1"] * 6),
            'Forecast.ForecastTypes: found ["0.1", "0.1", "0.1", "0.1", "0.1", "0.1"], wanted at most 5 in the list.',
        ),
        (
            lambda tree: tree["DatasetGroup"].update(Domain="CUSTOMS"),
            'DatasetGroup.Domain: found "CUSTOMS", wanted one of RETAIL, CUSTOM, ',
        ),
        (
            lambda tree: tree["Forecast"].update(ForecastName="my-forecast"),
            'Forecast.ForecastName: found "my-forecast", wanted 1 to 63 letters, digits and underscores, ',
        ),
        (
            lambda tree: tree.update(TimestampFormat="dd/MM/yyyy"),
            'TimestampFormat: found "dd/MM/yyyy", wanted "yyyy-MM-dd" or "yyyy-MM-dd HH:mm:ss".',
        ),
        (lambda tree: tree.update(Datasets={}), "Datasets: found {}, wanted a list."),
        (lambda tree: tree.update(Forecast="f"), 'Forecast: found "f", wanted an object.'),
        (lambda tree: tree.update(Pipeline={"KeepRuns": 0}), "Pipeline.KeepRuns: found 0, wanted 1 or more."),
        (
            lambda tree: tree.update(Pipeline={"MaxLeftOutShare": 10}),
            "Pipeline.MaxLeftOutShare: found 10, wanted 1 or less.",
        ),
        (
            lambda tree: tree.update(Pipeline={"QuietSeconds": 90}),
            "Pipeline.QuietSeconds: found 90, wanted 60 or less.",
        ),
        (
            lambda tree: tree.update(AutoPredictor=AUTO),
            "Predictor and AutoPredictor: found Predictor and AutoPredictor, wanted one of the two.",
        ),
        (lambda tree: tree.pop("Predictor"), "Predictor and AutoPredictor: found neither, wanted one of the two."),
        (
            lambda tree: tree["Predictor"].update(AlgorithmArn="arn:aws:forecast:::algorithm/ETS"),
            "Predictor: found both, wanted either PerformAutoML true or an AlgorithmArn.",
        ),
        (
            lambda tree: tree["Predictor"].update(PerformAutoML=False),
            "Predictor: found neither, wanted either PerformAutoML true or an AlgorithmArn.",
        ),
        (
            lambda tree: tree["Datasets"].append(tree["Datasets"][0]),
            "Datasets: found 2 with DatasetType TARGET_TIME_SERIES, wanted one.",
        ),
        (
            lambda tree: tree["Datasets"][0].update(DatasetType="ITEM_METADATA"),
            "Datasets: found no DatasetType TARGET_TIME_SERIES, wanted one.",
        ),
        (
            lambda tree: tree["DatasetGroup"].update(Domain="RETAIL"),
            'Datasets[0].Domain: found "CUSTOM", wanted "RETAIL" as in DatasetGroup.',
        ),
        (
            lambda tree: tree["Datasets"][0]["Schema"]["Attributes"].pop(1),
            "Datasets[0].Schema.Attributes: found timestamp, item_id, wanted target_value among them.",
        ),
        (
            lambda tree: tree["Datasets"][0]["Schema"]["Attributes"][1].update(AttributeType="string"),
            "Datasets[0].Schema.Attributes: found target_value as string, wanted float or integer.",
        ),
        (
            lambda tree: tree["Datasets"][0]["Schema"]["Attributes"].append(
                {"AttributeName": "item_id", "AttributeType": "string"}
            ),
            "Datasets[0].Schema.Attributes: found an AttributeName twice, wanted each once.",
        ),
        (
            lambda tree: tree["Predictor"]["FeaturizationConfig"].update(ForecastDimensions=["shop"]),
            'Predictor: found ForecastDimensions "shop", wanted a field of the target\'s schema (timestamp, ',
        ),
    ],
)
def test_a_mistake_is_told_by_its_path_with_what_was_found_and_what_is_wanted(
    change: Callable[[dict[str, Any]], Any], sentence: str
) -> None:
    assert complaint(changed(change)).startswith(f"params.json, {sentence}")


def test_a_misspelt_member_is_told_once_and_not_as_missing_besides() -> None:
    sentence = complaint(changed(lambda tree: rename(tree["Forecast"], "ForecastName", "ForcastName")))
    assert sentence == "params.json, Forecast.ForcastName: not a known member, did you mean ForecastName?"


def test_many_mistakes_are_counted_after_the_third() -> None:
    sentence = complaint(b"{}")
    assert sentence == (
        "params.json, DatasetGroup: missing. params.json, Datasets: missing. params.json, Forecast: missing."
    )
    many = complaint(changed(lambda tree: tree["Predictor"].update(A=1, B=2, C=3, D=4, E=5)))
    assert many.endswith(" And 2 more.")


@pytest.mark.parametrize(
    "frequency", ["1min", "5min", "59min", "H", "23H", "D", "6D", "W", "4W", "M", "11M", "Y", "1Y"]
)
def test_every_frequency_of_the_contract_is_taken(frequency: str) -> None:
    def change(tree: dict[str, Any]) -> None:
        tree["Predictor"]["FeaturizationConfig"]["ForecastFrequency"] = frequency
        tree["Datasets"][0]["DataFrequency"] = frequency

    read_parameters("params.json", changed(change))


@pytest.mark.parametrize(
    "frequency", ["0min", "60min", "min", "24H", "0H", "7D", "5W", "12M", "2Y", "h", "", "1 D", "05min"]
)
def test_frequencies_that_overlap_the_next_unit_or_are_none_are_refused(frequency: str) -> None:
    def change(tree: dict[str, Any]) -> None:
        tree["Predictor"]["FeaturizationConfig"]["ForecastFrequency"] = frequency

    assert "wanted a frequency" in complaint(changed(change))
