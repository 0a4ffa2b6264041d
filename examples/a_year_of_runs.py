"""A year in operation: a file a month, what each mail says first, the list of runs, a roll back, and an old date.

Every month the file has one more month, as a shop would drop it. From the second run on each mail begins with what came
of the forecast before. The program replaces params.json and wants an empty train/, so take a stack of its own:

    .venv/bin/almanac up -- .venv/bin/python examples/a_year_of_runs.py
    .venv/bin/almanac up -- .venv/bin/python examples/a_year_of_runs.py --months 3
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3

ITEMS = ("apples", "pears", "plums")
KNOWN = 36  # months before the first drop: 2021 to 2023
KEY = "train/a_year_of_runs.csv"
ALMANAC = str(Path(sys.executable).with_name("almanac"))
COLUMNS = {"timestamp": "timestamp", "item_id": "string", "target_value": "float"}
TYPES = ["0.1", "0.5", "0.9"]
PARAMETERS = {
    "DatasetGroup": {"DatasetGroupName": "a_year", "Domain": "CUSTOM"},
    "Datasets": [
        {
            "DatasetName": "a_year",
            "Domain": "CUSTOM",
            "DatasetType": "TARGET_TIME_SERIES",
            "DataFrequency": "M",
            "Schema": {"Attributes": [{"AttributeName": n, "AttributeType": t} for n, t in COLUMNS.items()]},
        }
    ],
    "TimestampFormat": "yyyy-MM-dd",
    "AutoPredictor": {
        "PredictorName": "a_year",
        "ForecastHorizon": 3,
        "ForecastFrequency": "M",
        "ForecastTypes": TYPES,
    },
    "Forecast": {"ForecastName": "a_year", "ForecastTypes": TYPES},
    "Pipeline": {"QuietSeconds": 0, "KeepRuns": 2, "PublishIf": {"MaxLossOverNaive": 1.1}},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--months", type=int, default=12, help="how many drops, 2 or more (default: 12)")
    parser.add_argument("--stack", default="almanac", help="default: almanac")
    options = parser.parse_args()
    outputs = outputs_of(options.stack)
    bucket = outputs["ForecastBucketName"]
    if found := boto3.client("s3").list_objects_v2(Bucket=bucket, Prefix="train/").get("Contents"):
        sys.exit(f"s3://{bucket}/{found[0]['Key']} is there, wanted an empty train/")
    mail_box = mail_box_for(outputs["TopicArn"])

    boto3.client("s3").put_object(Bucket=bucket, Key="params.json", Body=json.dumps(PARAMETERS).encode())
    for months in range(KNOWN, KNOWN + options.months):
        boto3.client("s3").put_object(Bucket=bucket, Key=KEY, Body=sales(months))
        print(f"\n{month(months)}: the file has {months} months")
        print_beginning(next_mail(mail_box))

    print("\nThe forecast as it would have been made at the end of 2022:\n")
    print(almanac("run", options.stack, "--as-of", "2022-12-31"))
    print_beginning(next_mail(mail_box))
    boto3.client("s3").delete_object(Bucket=bucket, Key=KEY)

    print("\nThe last forecast is rolled back to the one before:\n")
    _as_of, newest, before, *_ = (line.split()[0] for line in almanac("runs", options.stack).splitlines()[1:])
    print(almanac("publish", options.stack, before))
    print(almanac("runs", options.stack))
    print("And forward again:\n")
    print(almanac("publish", options.stack, newest))


def outputs_of(stack: str) -> dict[str, str]:
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}


def month(index: int) -> str:
    return f"{2021 + index // 12}-{index % 12 + 1:02}"


def sales(months: int) -> bytes:
    """A season of a year, a slow rise, and a little that nobody can foresee."""
    lines = [",".join(COLUMNS)]
    for number, item in enumerate(ITEMS):
        for index in range(months):
            value = 100 + 40 * number + index + 20 * math.sin(2 * math.pi * index / 12) + (index * 7 + number * 3) % 11
            lines.append(f"{month(index)}-01,{item},{value:.1f}")
    return ("\n".join(lines) + "\n").encode()


def mail_box_for(topic_arn: str) -> str:
    """The URL of a queue that gets what the topic sends."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="a-year-of-runs")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    of_topic = {"Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}}}
    policy = {"Version": "2012-10-17", "Statement": [allowed | of_topic]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    boto3.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
    return str(url)


def next_mail(url: str) -> dict[str, Any]:
    sqs = boto3.client("sqs")
    while not (messages := sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")):
        time.sleep(0.2)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    mail: dict[str, Any] = json.loads(messages[0]["Body"])
    return mail


def print_beginning(mail: dict[str, Any]) -> None:
    """The subject, and the text as far as its first empty line."""
    print(f"  {mail['Subject']}")
    for line in mail["Message"].partition("\n\n")[0].splitlines():
        print(f"    {line}")


def almanac(command: str, stack: str, *arguments: str) -> str:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    where = ["--endpoint", endpoint] if endpoint else []
    options = [command, *arguments, "--stack", stack, *where]
    run = subprocess.run([ALMANAC, *options], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - no shell
    return run.stdout


if __name__ == "__main__":
    main()
