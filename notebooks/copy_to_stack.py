"""Put the notebook, its data and its models of AWS into a stack's bucket, for the stack's SageMaker instance.

The instance brings them home whenever it starts.

    python notebooks/copy_to_stack.py STACK
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

PROJECT = Path(__file__).parent.parent
PREFIX = "notebook/files/"
BUCKET_OUTPUT = "ForecastBucketName"
MODELS = PROJECT / "src" / "forecast_pipeline" / "aws_models"
WORK = ("notebooks/one_time_analysis.ipynb", "samples/fruit_shop/sales.csv", "samples/fruit_shop/prices.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stack", metavar="STACK", help="name of the deployed stack")
    try:
        copied_to = copy(parser.parse_args().stack)
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"copy_to_stack: {error}")
    print(f"{len(files())} files are in {copied_to}; the notebook instance brings them home when it starts")


def copy(stack: str) -> str:
    """Copy the files into the bucket of the stack; gives where they are. ClientError if there is no such stack."""
    bucket, s3 = bucket_of(stack), boto3.client("s3")
    for name, path in files().items():
        s3.put_object(Bucket=bucket, Key=PREFIX + name, Body=path.read_bytes())
    return f"s3://{bucket}/{PREFIX}"


def bucket_of(stack: str) -> str:
    """The stack's data bucket. SystemExit if the stack has none."""
    described: dict[str, Any] = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if BUCKET_OUTPUT not in outputs:
        sys.exit(f"copy_to_stack: stack {stack} has no output {BUCKET_OUTPUT}, wanted a stack of Almanac")
    return outputs[BUCKET_OUTPUT]


def files() -> dict[str, Path]:
    """Every file by its name on the instance: the notebook finds its data where it finds them in the project."""
    models = {f"aws_models/{path.relative_to(MODELS).as_posix()}": path for path in sorted(MODELS.rglob("*.json"))}
    return {name: PROJECT / name for name in WORK} | models


if __name__ == "__main__":
    main()
