"""What is wrong with params.json, in sentences: path of the member, what was found, what is wanted."""

import difflib
import json
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from forecast_language import said

SHOWN = 3  # so many problems fit one mail's first lines; the rest is counted

WANTED: dict[
    str, Callable[[Mapping[str, Any]], str]
] = {  # pydantic's type of error -> the words for it, by its context
    "wanted": lambda context: str(context["wanted"]),
    "literal_error": lambda context: one_of([str(context["expected"]).replace("'", "")]),
    "model_type": lambda _: said("an object"),
    "dict_type": lambda _: said("an object"),
    "list_type": lambda _: said("a list"),
    "string_type": lambda _: said("a text in quotes"),
    "int_type": lambda _: said("a whole number without quotes"),
    "float_type": lambda _: said("a number without quotes"),
    "bool_type": lambda _: said("true or false"),
    "greater_than_equal": lambda context: said("{least:g} or more", least=context["ge"]),
    "less_than_equal": lambda context: said("{most:g} or less", most=context["le"]),
    "timezone_aware": lambda _: said("a time with its zone, such as 2026-01-05T03:00:00Z"),
    "too_short": lambda context: said("at least {least} in the list", least=context["min_length"]),
    "too_long": lambda context: said("at most {most} in the list", most=context["max_length"]),
}

Path = tuple[int | str, ...]


class ParameterError(ValueError):
    """params.json cannot be used; the message is for its author."""

    @classmethod
    def of(cls, file: str, problems: Sequence[str]) -> "ParameterError":
        sentences = [f"{file}, {problem}" + ("" if problem.endswith("?") else ".") for problem in problems[:SHOWN]]
        rest = len(problems) - SHOWN
        text = " ".join(sentences) + (said(" And {number} more.", number=rest) if rest > 0 else "")
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


def refused(path: str, found: str, wanted: str) -> str:
    """The clause about a member that is of another value than one that is wanted."""
    return said("{path}: found {found}, wanted {wanted}", path=path, found=found, wanted=wanted)


def meant(path: str, name: str) -> str:
    """The clause about a member that is misspelt."""
    return said("{path}: not a known member, did you mean {name}?", path=path, name=name)


def unknown(path: str, known: Iterable[str]) -> str:
    """The clause about a member that nobody knows."""
    return said("{path}: not a known member, known here are {names}", path=path, names=", ".join(known))


def one_of(names: Iterable[str]) -> str:
    """What is wanted where one of some is."""
    return said("one of {names}", names=", ".join(names))


def _path(detail: ErrorDetails) -> Path:
    return detail["loc"]


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    path = _path(detail)
    if detail["type"] == "missing":
        return said("{path}: missing", path=spelled(path))
    if detail["type"] == "extra_forbidden":
        if name := _meant(detail, model):
            return meant(spelled(path), name)
        return unknown(spelled(path), _members_at(model, path[:-1]))
    return refused(spelled(path), shown(detail["input"]), _wanted(detail))


def _wanted(detail: ErrorDetails) -> str:
    """What is wanted in the place of a value; pydantic's own words for the rest."""
    words = WANTED.get(detail["type"])
    return (words(detail.get("ctx", {})) if words else detail["msg"]).replace("'", "")


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
