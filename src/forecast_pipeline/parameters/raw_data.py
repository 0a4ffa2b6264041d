"""Pipeline.RawData of params.json: how the files of raw_data/ are laid out, and what becomes of them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from forecast_pipeline.parameters.types import DatePattern, EncodingName, FieldMark, StrictObject

DuplicatesName = Literal["keep", "sum", "mean", "max", "last", "refuse"]
ColumnName = Annotated[str, Field(min_length=1)]


class RawFormat(StrictObject):
    """How the texts are written. Without a Delimiter the header tells it."""

    Delimiter: FieldMark | None = None
    Encoding: EncodingName = "UTF-8"
    DecimalComma: bool = False
    Thousands: Literal[",", ".", " ", "'"] | None = None


class RawColumn(StrictObject):
    """Where an attribute's values stand: the name of the column, and for a timestamp the notations to try in turn."""

    From: ColumnName
    Formats: Annotated[list[DatePattern], Field(min_length=1)] | None = None


class WideTable(StrictObject):
    """A column for each date: ``Ids`` are the columns that are none of these.

    ``Name`` is what the dates are called from there on, and ``Value`` what stands below them; without one it is the
    target.
    """

    Ids: Annotated[list[ColumnName], Field(min_length=1)]
    Name: ColumnName = "timestamp"
    Value: ColumnName | None = None


class RawLayout(StrictObject):
    """One layout of files. ``Columns`` has the attributes whose column is not called as they are."""

    Format: RawFormat = RawFormat()
    Columns: dict[
        str, Annotated[RawColumn, BeforeValidator(lambda given: {"From": given} if isinstance(given, str) else given)]
    ] = Field(default_factory=dict)
    Wide: WideTable | None = None
    Duplicates: DuplicatesName = "keep"
    OrderBy: ColumnName | None = None


class RawDataSettings(RawLayout):
    """The layout of the files in raw_data/. Every other member is the layout of a folder in it, by its name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, RawLayout] = Field(init=False)

    Mode: Literal["replace", "append"] = "replace"

    @property
    def folders(self) -> dict[str, RawLayout]:
        """The folders that have layouts of their own."""
        return self.__pydantic_extra__
