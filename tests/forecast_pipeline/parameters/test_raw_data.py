"""Pipeline.RawData: every member that is wrong is told with its path, and a folder is a member like ours."""

import codecs
import json
from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.parameters.encodings import ENCODINGS, encoding_of
from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.parameters.requests import Parameters

WORKSHOP = json.loads((Path(__file__).parent / "workshop_params.json").read_text())


def read(raw_data: Any, **pipeline: Any) -> Parameters:
    """The workshop's parameters with this RawData."""
    content = json.dumps(WORKSHOP | {"Pipeline": {"RawData": raw_data} | pipeline})
    return read_parameters("params.json", content.encode())


@pytest.mark.parametrize(
    ("raw_data", "problem"),
    [
        ([], ": found [], wanted an object."),
        ({"Mod": "append"}, ".Mod: not a known member, did you mean Mode?"),
        ({"MaxLeftOutShare": 0}, ".MaxLeftOutShare: not a known member, did you mean Pipeline.MaxLeftOutShare?"),
        ({"Mode": "add"}, '.Mode: found "add", wanted one of replace or append.'),
        ({"format": {}}, ".format: not a known member, did you mean Format?"),
        ({"Format": {"Delimeter": ";"}}, ".Format.Delimeter: not a known member, did you mean Delimiter?"),
        ({"Format": {"Delimiter": "ab"}}, '.Format.Delimiter: found "ab", wanted one character such as ; or a tab.'),
        ({"Format": {"DecimalComma": "yes"}}, '.Format.DecimalComma: found "yes", wanted true or false.'),
        (
            {"Format": {"DecimalComma": True, "Thousands": ","}},
            '.Format.Thousands: found ",", wanted another mark than that of the decimals.',
        ),
        (
            {"Columns": {"colour": "c"}},
            ".Columns.colour: no attribute of a schema, known here are timestamp, target_value, item_id.",
        ),
        ({"Columns": {"item_id": 3}}, ".Columns.item_id: found 3, wanted an object."),
        ({"Columns": {"item_id": ""}}, '.Columns.item_id.From: found "", wanted'),
        (
            {"Columns": {"item_id": {"From": "sku", "Formats": ["yyyy"]}}},
            ".Columns.item_id.Formats: found for a string, wanted it for a timestamp alone.",
        ),
        (
            {"Columns": {"timestamp": {"From": "day", "Formats": ["YYYY-MM-DD"]}}},
            '.Columns.timestamp.Formats[0]: found "YYYY-MM-DD", wanted a pattern in the letters of Java',
        ),
        ({"Wide": {"Id": ["sku"]}}, ".Wide.Id: not a known member, did you mean Ids?"),
        ({"Duplicates": "first"}, '.Duplicates: found "first", wanted one of keep, sum, mean, max, last or refuse.'),
        ({"Duplicates": "last"}, ".OrderBy: found none, wanted a column with Duplicates last, and only with that."),
        ({"OrderBy": "seen"}, '.OrderBy: found "seen", wanted a column with Duplicates last, and only with that.'),
        ({"north": {"Columms": {}}}, ".north.Columms: not a known member, did you mean Columns?"),
        ({"north": {"OrderBy": "seen"}}, '.north.OrderBy: found "seen", wanted a column with Duplicates last'),
    ],
)
def test_what_is_wrong_is_told_with_its_path(raw_data: Any, problem: str) -> None:
    with pytest.raises(ParameterError) as raised:
        read(raw_data)
    assert str(raised.value).startswith(f"params.json, Pipeline.RawData{problem}")


@pytest.mark.parametrize("name", ["orders", "wide", "North 2"])
def test_a_folder_may_be_called_almost_as_a_member_is(name: str) -> None:
    assert list(read({name: {"Duplicates": "sum"}}).Pipeline.RawData.folders) == [name]


def test_a_folder_has_the_members_of_a_layout_and_the_top_keeps_its_own() -> None:
    settings = read({"Mode": "append", "서울": {"Columns": {"item_id": "상품"}}}).Pipeline.RawData
    assert (settings.Mode, settings.Columns, list(settings.folders)) == ("append", {}, ["서울"])
    assert settings.folders["서울"].Columns["item_id"].From == "상품"


@pytest.mark.parametrize(("given", "share"), [({}, 0.0), ({"MaxLeftOutShare": 0.1}, 0.1), ({"MaxLeftOutShare": 0}, 0)])
def test_a_preparation_leaves_no_row_out_unless_a_share_is_given(given: dict[str, Any], share: float) -> None:
    assert read({}, **given).Pipeline.raw_data_max_left_out_share == share


def test_every_encoding_is_one_that_python_has_and_korean_texts_are_read_alike_by_both_names() -> None:
    assert all(codecs.lookup(encoding.python) for encoding in ENCODINGS.values())
    for name in ("euc-kr", "CP949", "ms949"):
        assert "상품".encode("euc_kr").decode(encoding_of(name).python) == "상품"
