"""The table of the records, in moto's DynamoDB."""

import boto3


def create_records_table(name: str) -> None:
    """The table as template.yaml has it."""
    keys = {"": "Arn", "ByCreation": "Created", "ByParent": "Parent"}
    schemas = {
        index: [{"AttributeName": "Kind", "KeyType": "HASH"}, {"AttributeName": key, "KeyType": "RANGE"}]
        for index, key in keys.items()
    }
    boto3.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"} for attribute in ("Kind", *keys.values())
        ],
        KeySchema=schemas.pop(""),
        LocalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}
            for index, schema in schemas.items()
        ],
    )
