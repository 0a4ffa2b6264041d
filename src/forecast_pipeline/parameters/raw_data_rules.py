"""Rules between Pipeline.RawData and the datasets. ``raw_data`` checks each member alone."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from forecast_language import said
from forecast_pipeline.parameters.problems import meant, refused, shown
from forecast_pipeline.parameters.raw_data import RawDataSettings, RawLayout
from forecast_pipeline.parameters.requests import Parameters, PipelineSettings

PATH = "Pipeline.RawData"
_CLOSE = 0.85  # how alike a folder's name and a member's are where the member was meant


def misspelt_members(tree: dict[str, Any]) -> Iterator[str]:
    """One clause per member that would pass for a folder's name, though it is one of ours misspelt."""
    pipeline = tree.get("Pipeline")
    given = pipeline.get("RawData") if isinstance(pipeline, dict) else None
    known = {member.lower(): member for member in RawDataSettings.model_fields}
    for name, value in given.items() if isinstance(given, dict) else ():
        if value and isinstance(value, dict) and value.keys() <= RawLayout.model_fields.keys():
            continue  # a layout, whatever its folder is called
        if name in PipelineSettings.model_fields:
            yield meant(f"{PATH}.{name}", f"Pipeline.{name}")
            continue
        close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=_CLOSE)
        if name not in known.values() and close:
            yield meant(f"{PATH}.{name}", known[close[0]])


def raw_data_problems(parameters: Parameters) -> Iterator[str]:
    """One clause per broken rule."""
    types = {
        attribute.AttributeName: attribute.AttributeType
        for dataset in parameters.Datasets
        for attribute in dataset.Schema.Attributes
    }
    settings = parameters.Pipeline.RawData
    for path, layout in {PATH: settings, **{f"{PATH}.{name}": each for name, each in settings.folders.items()}}.items():
        yield from _column_problems(path, layout, types)
        yield from _mark_problems(path, layout)
        if (layout.Duplicates == "last") != (layout.OrderBy is not None):
            found = shown(layout.OrderBy) if layout.OrderBy else said("none")
            yield refused(f"{path}.OrderBy", found, said("a column with Duplicates last, and only with that"))


def _column_problems(path: str, layout: RawLayout, types: Mapping[str, str]) -> Iterator[str]:
    for name, column in layout.Columns.items():
        if name not in types:
            yield said(
                "{path}.Columns.{name}: no attribute of a schema, known here are {names}",
                path=path,
                name=name,
                names=", ".join(types),
            )
        elif column.Formats and types[name] != "timestamp":
            yield said(
                "{path}.Columns.{name}.Formats: found for a {type}, wanted it for a timestamp alone",
                path=path,
                name=name,
                type=types[name],
            )


def _mark_problems(path: str, layout: RawLayout) -> Iterator[str]:
    decimal = "," if layout.Format.DecimalComma else "."
    if layout.Format.Thousands == decimal:
        yield refused(f"{path}.Format.Thousands", shown(decimal), said("another mark than that of the decimals"))
