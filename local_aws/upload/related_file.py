"""A file of related time series: numbers beside the target, of which some are known for the time of the forecast."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from forecast_contract.domains import RELATED_TIME_SERIES
from forecast_contract.sql import identifier
from forecast_language import said
from local_aws.guessing.moment_checks import checked
from local_aws.guessing.moments import find_moment
from local_aws.guessing.options import Options
from local_aws.guessing.roles import is_numeric
from local_aws.guessing.table import DataError, Table, open_table
from local_aws.periods.plan import Plan
from local_aws.upload.bucket_file import attribute_names, dimension_names, time_column, write
from local_aws.upload.parameters import AttributeConfig, Dataset, key_attributes, schema
from local_aws.upload.related_rows import ROWS, Coverage, RelatedColumns, RelatedRows
from local_aws.upload.user_file import RewrittenFile

NOTHING_RELATED = "none"  # said in place of a file


@dataclass(frozen=True)
class RelatedFile:
    """The file, its columns by what they mean, and how far each of its numbers is known.

    `is_target`: the columns stand in the target file, whose rows ahead say what is planned.
    """

    table: Table
    timestamp: str
    columns: RelatedColumns
    left_out: dict[str, str]
    coverage: dict[str, Coverage]
    is_target: bool = False

    @property
    def attribute_configs(self) -> list[AttributeConfig]:
        """What an AutoPredictor says of the numbers with gaps."""
        return [
            {"AttributeName": name, "Transformations": self.coverage[column].fillings}
            for column, name in self.columns.features.items()
            if self.coverage[column].fillings
        ]


def read_related(source: str | Path | Table, target: Table, plan: Plan, options: Options) -> RelatedFile:
    """Find out what each column means and how far it is known. DataError if the service could not learn from it.

    What the user says of decimals and of dates holds here too; so do the columns of the time that are there.
    """
    table, roles = replace(open_table(source), decimal=options.decimal), plan.roles
    wanted = [table.column(name) for name in options.timestamp]
    moment = checked(table, find_moment(table, wanted if {*wanted} <= {*table.columns} else (), options.date_order))
    dimensions = {column: name for column, name in dimension_names(roles).items() if column in table.columns}
    rest = [name for name in table.columns if name not in (*moment.columns, roles.item, *dimensions)]
    features = [name for name in rest if name != roles.target and is_numeric(table, name)]
    if not features:
        found = ", ".join(table.columns)
        raise DataError(
            said(
                "{file}: found the columns {found}, wanted a number besides the time and what names a series",
                file=table.path,
                found=found,
            )
        )
    names = attribute_names(features, "column", dimension_names(roles).values())
    columns = RelatedColumns(
        moment=moment.notation.reading(identifier(moment.columns[0])),
        item=roles.item if roles.item in table.columns else None,
        dimensions=dimensions,
        features=dict(zip(features, names, strict=True)),
    )
    others = [name for name in rest if name not in features]
    left_out = {name: said("the target") if name == roles.target else said("not numbers") for name in others}
    return RelatedFile(
        table, moment.columns[0], columns, left_out, RelatedRows(table, columns, target, plan).coverage()
    )


def write_related(related: RelatedFile, plan: Plan, folder: Path) -> RewrittenFile:
    """The file under its schema's names, with a row for each item and with the zeros that flags begin with."""
    names = ["item_id", *related.columns.dimensions.values(), *related.columns.features.values()]
    columns = [time_column("_moment", plan.time_format), *(identifier(name) for name in names)]
    attributes = related.columns.dimensions | related.columns.features
    own = {"timestamp": related.timestamp, "item_id": related.columns.item or plan.roles.item or "item_id"}
    own |= {name: column for column, name in attributes.items()}
    return write(replace(RewrittenFile.of(related.table, "related", folder, own), rows=ROWS, line="_line"), columns)


def dataset_of(related: RelatedFile, plan: Plan) -> Dataset:
    """Its dataset in params.json, without the name."""
    features = [(name, "float") for name in related.columns.features.values()]
    attributes = [("timestamp", "timestamp"), *key_attributes(related.columns.dimensions.values()), *features]
    return {
        "DatasetType": RELATED_TIME_SERIES,
        "DataFrequency": plan.frequency,
        "Schema": schema(*attributes),
    }


def sentences_of(related: RelatedFile) -> Iterator[str]:
    """What the numbers are taken for, and how their gaps are filled."""
    file = related.table.path.name
    if not related.is_target:
        yield from related.table.announcements
    of_all = said(", the same for every item") if related.columns.item is None else ""
    if related.is_target:
        of_all = said("; guessed; --related {option} leaves it out", option=NOTHING_RELATED)
    for known, words in (
        (True, said("known for the time of the forecast")),
        (False, said("known for the past alone")),
    ):
        names = [column for column, each in related.coverage.items() if each.is_forward is known]
        if names:
            yield said(
                "related     {names} of {file}  ({words}{of_all})",
                names=", ".join(names),
                file=file,
                words=words,
                of_all=of_all,
            )
    for column, each in related.coverage.items():
        if each.fillings:
            filled = "0" if each.is_flag else said("the median of those before")
            count = each.middle + each.back + each.future
            yield said(
                "gaps        {count} steps have no {column} and get {filled}  (--params can say otherwise)",
                count=count,
                column=column,
                filled=filled,
            )
    for name, reason in related.left_out.items():
        yield said("left out    {column} of {file} ({reason})", column=name, file=file, reason=reason)
