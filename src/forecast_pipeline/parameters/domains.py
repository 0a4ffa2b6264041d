"""Amazon Forecast's domains: how each names the series and the target."""

from typing import NamedTuple


class DomainFields(NamedTuple):
    """The fields that Amazon Forecast requires of a domain's datasets."""

    identifier: str
    target: str


DOMAINS = {
    "RETAIL": DomainFields("item_id", "demand"),
    "CUSTOM": DomainFields("item_id", "target_value"),
    "INVENTORY_PLANNING": DomainFields("item_id", "demand"),
    "EC2_CAPACITY": DomainFields("instance_type", "number_of_instances"),
    "WORK_FORCE": DomainFields("workforce_type", "workforce_demand"),
    "WEB_TRAFFIC": DomainFields("item_id", "value"),
    "METRICS": DomainFields("metric_name", "metric_value"),
}
