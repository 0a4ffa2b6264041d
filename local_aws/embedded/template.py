"""Reads a SAM template: YAML with CloudFormation's short forms, as the document that CloudFormation makes of it."""

from pathlib import Path
from typing import Any

import yaml

Template = dict[str, Any]
WITHOUT_PREFIX = {"Ref", "Condition"}  # every other short form !X stands for Fn::X


# libyaml's parser where PyYAML has it, as its wheels do: a tenth of the time
_SafeLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class TemplateLoader(_SafeLoader):
    """YAML as CloudFormation reads it: short forms are functions, and a date is just text."""


def _short_form(loader: TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)  # noqa: S101 - YAML has no fourth kind
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in WITHOUT_PREFIX else f"Fn::{suffix}": value}


TemplateLoader.add_multi_constructor("!", _short_form)
TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_template(path: Path) -> Template:
    """The template at `path`."""
    template: Template = yaml.load(path.read_text(encoding="utf-8"), TemplateLoader)  # noqa: S506 - a SafeLoader
    return template
