"""Reading params.json: first the JSON, then each member alone, then the rules between members.

All problems of one of these stages are told at once.
"""

import json
from typing import Any

from pydantic import ValidationError

from forecast_language import foreign, said
from forecast_pipeline.parameters.dataset_rules import rule_problems
from forecast_pipeline.parameters.problems import ParameterError, problems_of, shown
from forecast_pipeline.parameters.raw_data_rules import misspelt_members, raw_data_problems
from forecast_pipeline.parameters.requests import Parameters


def read_parameters(file: str, content: bytes) -> Parameters:
    """The parameters in a file's bytes; ParameterError, with all that is wrong, names members by their path."""
    tree = _tree(file, content)
    if problems := list(misspelt_members(tree)):
        raise ParameterError.of(file, problems)
    try:
        parameters = Parameters.model_validate(tree)
    except ValidationError as error:
        raise ParameterError.of(file, problems_of(error, Parameters)) from error
    if problems := [*rule_problems(tree), *raw_data_problems(parameters)]:
        raise ParameterError.of(file, problems)
    return parameters


def _tree(file: str, content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParameterError(said("{file}: byte {byte} is not UTF-8.", file=file, byte=error.start)) from error
    try:
        tree = json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise ParameterError(
            said(
                "{file}, line {line}, column {column}: not JSON ({reason}).",
                file=file,
                line=error.lineno,
                column=error.colno,
                reason=foreign(error.msg),
            )
        ) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets a thousand deep
        raise ParameterError(said("{file}: not a file of parameters ({reason}).", file=file, reason=error)) from error
    except _RepeatedMemberError as error:
        raise ParameterError(
            said("{file}: member {member} is there twice in one object.", file=file, member=error)
        ) from error
    if not isinstance(tree, dict):
        known = ", ".join(Parameters.model_fields)
        raise ParameterError(
            said("{file}: found {found}, wanted an object with {members}.", file=file, found=shown(tree), members=known)
        )
    return tree


class _RepeatedMemberError(Exception):
    """A member that is there twice; JSON would silently take the second."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise _RepeatedMemberError(name)
        fields[name] = value
    return fields
