"""The workshop's Glue job: ``raw_data/`` with dates as yyyy/MM/dd becomes ``train/`` with dates as yyyy-MM-dd.

Glue 5, Spark. Arguments: ``--source_path s3://bucket/raw_data/ --target_path s3://bucket/train/``. The files of
``raw_data/`` begin with a header (timestamp, item_id, target_value); those of ``train/`` do not.
"""

import sys
from datetime import datetime

COLUMNS = ("timestamp", "item_id", "target_value")


def train_date(raw: str | None) -> str:
    """The date as the service reads it; one that is so already stays. ValueError for anything else."""
    for pattern in ("%Y/%m/%d", "%Y-%m-%d"):
        try:
            return datetime.strptime(raw or "", pattern).strftime("%Y-%m-%d")
        except ValueError:
            continue
    raise ValueError(f"timestamp: found {raw!r}, wanted a date such as 2020/01/31")


def main() -> None:
    """Read, rewrite the dates, write; a date that is none fails the job before ``train/`` is replaced."""
    from awsglue.utils import getResolvedOptions  # noqa: PLC0415  Spark and Glue are there only where the job runs
    from pyspark.sql import SparkSession, functions  # noqa: PLC0415

    arguments = getResolvedOptions(sys.argv, ["source_path", "target_path"])
    spark = SparkSession.builder.appName("prepare_train_data").getOrCreate()
    rows = spark.read.csv(arguments["source_path"], header=True)  # all text: numbers stay as they were written
    dated = rows.withColumn("timestamp", functions.udf(train_date)("timestamp")).select(*COLUMNS).persist()
    dated.agg(functions.max("timestamp")).collect()  # looks at every date now: overwriting empties train/ first
    dated.write.mode("overwrite").csv(arguments["target_path"])


if __name__ == "__main__":
    main()
