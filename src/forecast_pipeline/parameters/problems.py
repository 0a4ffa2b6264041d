"""What is wrong with params.json, in sentences: path of the member, what was found, what is wanted."""

import difflib
import json
import types
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

SHOWN = 3  # so many problems fit one mail's first lines; the rest is counted

WANTED = {  # pydantic's type of error -> the words for it, with what pydantic says of it
    "wanted": "{wanted}",
    "literal_error": "one of {expected}",
    "model_type": "an object",
    "dict_type": "an object",
    "list_type": "a list",
    "string_type": "a text in quotes",
    "int_type": "a whole number without quotes",
    "float_type": "a number without quotes",
    "bool_type": "true or false",
    "greater_than_equal": "{ge:g} or more",
    "less_than_equal": "{le:g} or less",
    "timezone_aware": "a time with its zone, such as 2026-01-05T03:00:00Z",
    "too_short": "at least {min_length} in the list",
    "too_long": "at most {max_length} in the list",
}

Path = tuple[int | str, ...]


class ParameterError(ValueError):
    """params.json cannot be used; the message is for its author."""

    @classmethod
    def of(cls, file: str, problems: Sequence[str]) -> "ParameterError":
        sentences = [f"{file}, {problem}" + ("" if problem.endswith("?") else ".") for problem in problems[:SHOWN]]
        rest = len(problems) - SHOWN
        text = " ".join(sentences) + (f" And {rest} more." if rest > 0 else "")
        return cls(text.encode("utf-8", "replace").decode())  # half a surrogate pair, which no mail could carry


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One clause per problem, "Predictor.ForecastHorizon: found "24", wanted an integer".

    A misspelt member is missing by its right name, too. It is told once, with the name that was probably meant.
    """
    details = error.errors()
    meant = {(*_path(detail)[:-1], name) for detail in details if (name := _meant(detail, model))}
    return [_sentence(detail, model) for detail in details if detail["type"] != "missing" or _path(detail) not in meant]


def spelled(path: Path) -> str:
    """A path as one reads it.

    >>> spelled(("Datasets", 0, "Schema"))
    'Datasets[0].Schema'
    """
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).lstrip(".")


def shown(value: Any) -> str:
    """A value as it stands in the file, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _path(detail: ErrorDetails) -> Path:
    return detail["loc"]


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    path = _path(detail)
    if detail["type"] == "missing":
        return f"{spelled(path)}: missing"
    if detail["type"] == "extra_forbidden":
        return f"{spelled(path)}: not a known member, {_known(detail, model)}"
    return f"{spelled(path)}: found {shown(detail['input'])}, wanted {_wanted(detail)}"


def _wanted(detail: ErrorDetails) -> str:
    """What is wanted in the place of a value; pydantic's own words for the rest."""
    return WANTED.get(detail["type"], detail["msg"]).format(**detail.get("ctx", {})).replace("'", "")


def _known(detail: ErrorDetails, model: type[BaseModel]) -> str:
    if name := _meant(detail, model):
        return f"did you mean {name}?"
    return f"known here are {', '.join(_members_at(model, _path(detail)[:-1]))}"


def _meant(detail: ErrorDetails, model: type[BaseModel]) -> str | None:
    if detail["type"] != "extra_forbidden":
        return None
    name = str(_path(detail)[-1])
    known = _members_at(model, _path(detail)[:-1])
    by_lower_case = {member.lower(): member for member in known}
    close = difflib.get_close_matches(name.lower(), by_lower_case, n=1)
    return by_lower_case[close[0]] if close else None


def _members_at(model: type[BaseModel], path: Path) -> list[str]:
    """The names of the members that the object at the path may have."""
    for part in path:
        if part in model.model_fields:  # and no place in a list, no key that the user chose
            model = _model_in(model.model_fields[str(part)].annotation)
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel]:
    """The model inside ``list[Model] | None`` and the like."""
    return next(each for each in _types_in(annotation) if issubclass(each, BaseModel))


def _types_in(annotation: Any) -> Iterable[type]:
    if get_origin(annotation) in (Union, types.UnionType, list, dict, Annotated):
        for argument in get_args(annotation):
            yield from _types_in(argument)
    elif isinstance(annotation, type):
        yield annotation
