"""What CloudFormation makes of a template with certain parameter values, as far as a template alone can tell."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from local_aws.embedded.template import read_template

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::StackName": "almanac",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = {"Ref": "AWS::NoValue"}


@lru_cache(maxsize=1)
def project_template() -> dict[str, Any]:
    """template.yaml, read once; to be looked at, not changed."""
    return read_template(Path(__file__).parent.parent.parent / "template.yaml")


def resolved(template: dict[str, Any], **parameters: str) -> dict[str, Any]:
    """The template's Resources and Outputs that are made, with all functions worked out.

    Parameters that are not given have their defaults. A resource that is named stands there as its logical id, and
    an attribute as ``LogicalId.Attribute``: what they will be is known only once they are there.
    """
    stack = _Stack(template, parameters)
    return {
        section: {
            name: stack.value(body)
            for name, body in template.get(section, {}).items()
            if "Condition" not in body or stack.holds({"Condition": body["Condition"]})
        }
        for section in ("Resources", "Outputs")
    }


class _Stack:
    def __init__(self, template: dict[str, Any], parameters: dict[str, str]) -> None:
        declared = template["Parameters"]
        assert set(parameters) <= set(declared), f"the template has no {set(parameters) - set(declared)}"
        self.conditions: dict[str, Any] = template.get("Conditions", {})
        self.mappings: dict[str, Any] = template.get("Mappings", {})
        self.values = {name: str(body.get("Default", "")) for name, body in declared.items()}
        self.values |= PSEUDO_PARAMETERS | parameters

    def holds(self, condition: dict[str, Any]) -> bool:
        ((function, argument),) = condition.items()
        if function == "Condition":
            return self.holds(self.conditions[argument])
        if function == "Fn::Equals":
            first, second = map(self.value, argument)
            return bool(first == second)
        decided = [self.holds(part) for part in argument]
        return {"Fn::Not": not decided[0], "Fn::And": all(decided), "Fn::Or": any(decided)}[function]

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.value(entry) for entry in node if self.chosen(entry) != NO_VALUE]
        if not isinstance(node, dict):
            return node
        chosen = self.chosen(node)
        if chosen is not node:
            return self.value(chosen)
        if len(node) == 1:
            ((function, argument),) = node.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self.worked_out(function, argument)
        return {name: self.value(entry) for name, entry in node.items() if self.chosen(entry) != NO_VALUE}

    def worked_out(self, function: str, argument: Any) -> Any:
        if function == "Ref":
            return self.values.get(argument, argument)
        if function == "Fn::GetAtt":
            return argument if isinstance(argument, str) else ".".join(argument)
        if function == "Fn::Sub":
            return self.text(*(argument if isinstance(argument, list) else [argument, {}]))
        if function == "Fn::FindInMap":
            mapping, first, second = map(self.value, argument)
            return self.mappings[mapping][first][second]
        if function == "Fn::Join":
            return argument[0].join(self.value(argument[1]))
        return {"Fn::Base64": self.value}[function](argument)  # left as a reader wants it

    def chosen(self, node: Any) -> Any:
        """The branch of an Fn::If; any other node is itself."""
        while isinstance(node, dict) and set(node) == {"Fn::If"}:
            condition, met, otherwise = node["Fn::If"]
            node = met if self.holds({"Condition": condition}) else otherwise
        return node

    def text(self, pattern: str, own: dict[str, Any]) -> str:
        def replacement(match: re.Match[str]) -> str:
            name = match[1]
            return str(self.value(own[name])) if name in own else self.values.get(name, name)

        return re.sub(r"\$\{([^!}][^}]*)\}", replacement, pattern).replace("${!", "${")
