#!/usr/bin/env bash
# Amazon Forecast's API from the AWS CLI, from a CSV file to a forecast and back to nothing.
# Which service answers is a matter of AWS_ENDPOINT_URL, which `almanac up` prints with the bucket and the role.
#
#   bash examples/forecast_with_aws_cli.sh [BUCKET] [ROLE_ARN] [CSV]
#
# Another file than the sample: set COLUMNS_OF_FILE, TIMESTAMP_FORMAT, FREQUENCY, HORIZON, DIMENSIONS and FILTERS too.
set -euo pipefail

BUCKET=${1:-${FORECAST_BUCKET:?give the bucket, or the lines that almanac up prints}}
ROLE_ARN=${2:-${FORECAST_ROLE_ARN:?give the ARN of the role, or the lines that almanac up prints}}
CSV=${3:-$(dirname "$0")/../samples/australian_retail.csv}
COLUMNS_OF_FILE=${COLUMNS_OF_FILE:-timestamp,state,item_id,target_value}
TIMESTAMP_FORMAT=${TIMESTAMP_FORMAT:-yyyy-MM}
FREQUENCY=${FREQUENCY:-M}
HORIZON=${HORIZON:-12}
DIMENSIONS=${DIMENSIONS-state}
FILTERS=${FILTERS:-'{"item_id": "Department stores", "state": "Victoria"}'}
NAME=${NAME:-aws_cli_example}
export AWS_PAGER=''
source "$(dirname "$0")/jobs_with_aws_cli.sh"

type_of() { case $1 in timestamp) echo timestamp ;; target_value) echo float ;; *) echo string ;; esac; }

aws s3api put-object --bucket "$BUCKET" --key "imports/$(basename "$CSV")" --body "$CSV" --query ETag --output text

attributes=''
for column in ${COLUMNS_OF_FILE//,/ }; do
  attributes+="{AttributeName=$column,AttributeType=$(type_of "$column")},"
done
dataset=$(aws forecast create-dataset --dataset-name "$NAME" --domain CUSTOM --dataset-type TARGET_TIME_SERIES \
  --data-frequency "$FREQUENCY" --schema "Attributes=[${attributes%,}]" --query DatasetArn --output text)
group=$(aws forecast create-dataset-group --dataset-group-name "$NAME" --domain CUSTOM --dataset-arns "$dataset" \
  --query DatasetGroupArn --output text)

import_job=$(aws forecast create-dataset-import-job --dataset-import-job-name "$NAME" --dataset-arn "$dataset" \
  --data-source "S3Config={Path=s3://$BUCKET/imports/$(basename "$CSV"),RoleArn=$ROLE_ARN}" \
  --timestamp-format "$TIMESTAMP_FORMAT" --query DatasetImportJobArn --output text)
wait_until_active describe-dataset-import-job --dataset-import-job-arn "$import_job"

predictor=$(aws forecast create-auto-predictor --predictor-name "$NAME" --forecast-horizon "$HORIZON" \
  --forecast-frequency "$FREQUENCY" --forecast-types 0.1 0.5 0.9 ${DIMENSIONS:+--forecast-dimensions "$DIMENSIONS"} \
  --data-config "DatasetGroupArn=$group" --query PredictorArn --output text)
wait_until_active describe-auto-predictor --predictor-arn "$predictor"
aws forecast get-accuracy-metrics --predictor-arn "$predictor" --output table \
  --query "PredictorEvaluationResults[0].TestWindows[?EvaluationType=='SUMMARY'].Metrics.WeightedQuantileLosses"

forecast=$(aws forecast create-forecast --forecast-name "$NAME" --predictor-arn "$predictor" \
  --query ForecastArn --output text)
wait_until_active describe-forecast --forecast-arn "$forecast"
aws forecastquery query-forecast --forecast-arn "$forecast" --filters "$FILTERS" \
  --query 'Forecast.Predictions.p50[].[Timestamp, Value]' --output text

export_job=$(aws forecast create-forecast-export-job --forecast-export-job-name "$NAME" --forecast-arn "$forecast" \
  --destination "S3Config={Path=s3://$BUCKET/exports/$NAME/,RoleArn=$ROLE_ARN}" \
  --query ForecastExportJobArn --output text)
wait_until_active describe-forecast-export-job --forecast-export-job-arn "$export_job"
aws s3api list-objects-v2 --bucket "$BUCKET" --prefix "exports/$NAME/" --query 'Contents[].Key' --output text

# From the leaves up.
delete delete-forecast-export-job describe-forecast-export-job --forecast-export-job-arn "$export_job"
delete delete-forecast describe-forecast --forecast-arn "$forecast"
delete delete-predictor describe-auto-predictor --predictor-arn "$predictor"
delete delete-dataset-import-job describe-dataset-import-job --dataset-import-job-arn "$import_job"
delete delete-dataset-group describe-dataset-group --dataset-group-arn "$group"
delete delete-dataset describe-dataset --dataset-arn "$dataset"
echo 'deleted what was created; the export stays in the bucket'
