#!/usr/bin/env bash
# Every family of Amazon Forecast's API from the AWS CLI, on the sample shop: imports of all three kinds, a predictor
# with holidays, explanation and monitor, exports, a what-if, an evaluation by newer data, stop and resume, tags, and
# the deletion of the whole tree. Which service answers is a matter of AWS_ENDPOINT_URL, which `almanac up` prints.
#
#   bash examples/fruit_shop_with_aws_cli.sh [BUCKET] [ROLE_ARN] [FOLDER]
set -euo pipefail

BUCKET=${1:-${FORECAST_BUCKET:?give the bucket, or the lines that almanac up prints}}
ROLE_ARN=${2:-${FORECAST_ROLE_ARN:?give the ARN of the role, or the lines that almanac up prints}}
SHOP=${3:-$(dirname "$0")/../samples/fruit_shop}
NAME=${NAME:-aws_cli_fruit_shop}
HORIZON=14
export AWS_PAGER=''
source "$(dirname "$0")/jobs_with_aws_cli.sh"

location() { echo "S3Config={Path=s3://$BUCKET/exports/$NAME/$1,RoleArn=$ROLE_ARN}"; }
put() { aws s3api put-object --bucket "$BUCKET" --key "exports/$NAME/$1" --body "$2" --query ETag --output text; }

# create_dataset TYPE ATTRIBUTES [--data-frequency D]: prints the ARN
create_dataset() {
  local attributes='' attribute
  for attribute in $2; do attributes+="{AttributeName=${attribute%:*},AttributeType=${attribute#*:}},"; done
  aws forecast create-dataset --dataset-name "${NAME}_$1" --domain RETAIL --dataset-type "$1" \
    --schema "Attributes=[${attributes%,}]" "${@:3}" --query DatasetArn --output text
}

# import_file NAME DATASET-ARN KEY [--timestamp-format F]: waits, then says the ARN in $import_job
import_file() {
  import_job=$(aws forecast create-dataset-import-job --dataset-import-job-name "$1" --dataset-arn "$2" \
    --data-source "$(location "$3")" "${@:4}" --query DatasetImportJobArn --output text)
  wait_until_active describe-dataset-import-job --dataset-import-job-arn "$import_job"
}

# --- data: the sales of the last fortnight come later, when they show how good the forecast was
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
fortnight=$(cut -d, -f1 "$SHOP/sales.csv" | grep '^2' | sort -u | tail -n "$HORIZON" | head -n 1)
awk -F, -v fortnight="$fortnight" 'NR == 1 || $1 < fortnight' "$SHOP/sales.csv" > "$work/sales_so_far.csv"
put sales_so_far.csv "$work/sales_so_far.csv"
for file in sales prices items; do put "$file.csv" "$SHOP/$file.csv"; done

daily=(--data-frequency D)
sales=$(create_dataset TARGET_TIME_SERIES 'timestamp:timestamp item_id:string demand:float' "${daily[@]}")
series='timestamp:timestamp item_id:string price:float promotion:integer'
prices=$(create_dataset RELATED_TIME_SERIES "$series" "${daily[@]}")
items=$(create_dataset ITEM_METADATA 'item_id:string category:string origin:string')
days=(--timestamp-format yyyy-MM-dd)
imports=()
import_file so_far "$sales" sales_so_far.csv "${days[@]}"; imports+=("$import_job")
import_file prices "$prices" prices.csv "${days[@]}"; imports+=("$import_job")
import_file items "$items" items.csv; imports+=("$import_job")
group=$(aws forecast create-dataset-group --dataset-group-name "$NAME" --domain RETAIL \
  --dataset-arns "$sales" "$prices" "$items" --query DatasetGroupArn --output text)
aws forecast tag-resource --resource-arn "$group" --tags Key=shop,Value=fruit
aws forecast list-tags-for-resource --resource-arn "$group" --query 'Tags[].[Key, Value]' --output text

# --- a predictor that is explained and watched
predictor=$(aws forecast create-auto-predictor --predictor-name "$NAME" --forecast-horizon "$HORIZON" \
  --forecast-frequency D --forecast-types 0.1 0.5 0.9 --explain-predictor --monitor-config "MonitorName=$NAME" \
  --data-config "DatasetGroupArn=$group,AdditionalDatasets=[{Name=holiday,Configuration={CountryCode=[KR]}}]" \
  --query PredictorArn --output text)
wait_until_active describe-auto-predictor --predictor-arn "$predictor"
explanation=$(aws forecast describe-auto-predictor --predictor-arn "$predictor" \
  --query ExplainabilityInfo.ExplainabilityArn --output text)
monitor=$(aws forecast describe-auto-predictor --predictor-arn "$predictor" \
  --query MonitorInfo.MonitorArn --output text)
wait_until_active describe-explainability --explainability-arn "$explanation"
wait_until_active describe-monitor --monitor-arn "$monitor"
aws forecast get-accuracy-metrics --predictor-arn "$predictor" --output table \
  --query "PredictorEvaluationResults[0].TestWindows[?EvaluationType=='SUMMARY'].Metrics.ErrorMetrics[]"
export_job=$(aws forecast create-predictor-backtest-export-job --predictor-backtest-export-job-name backtest \
  --predictor-arn "$predictor" --destination "$(location backtest)" \
  --query PredictorBacktestExportJobArn --output text)
wait_until_active describe-predictor-backtest-export-job --predictor-backtest-export-job-arn "$export_job"

# --- a forecast, also of the cherries, which were never sold
forecast=$(aws forecast create-forecast --forecast-name "$NAME" --predictor-arn "$predictor" \
  --query ForecastArn --output text)
wait_until_active describe-forecast --forecast-arn "$forecast"
aws forecastquery query-forecast --forecast-arn "$forecast" --filters '{"item_id": "cherries"}' \
  --query 'Forecast.Predictions.p50[].[Timestamp, Value]' --output text
export_job=$(aws forecast create-forecast-export-job --forecast-export-job-name values --forecast-arn "$forecast" \
  --destination "$(location values)" --query ForecastExportJobArn --output text)
wait_until_active describe-forecast-export-job --forecast-export-job-arn "$export_job"

# --- what moves it
echo apples > "$work/apples.csv"
put apples.csv "$work/apples.csv"
impacts=$(aws forecast create-explainability --explainability-name "${NAME}_apples" --resource-arn "$forecast" \
  --explainability-config TimeSeriesGranularity=SPECIFIC,TimePointGranularity=ALL \
  --data-source "$(location apples.csv)" --schema 'Attributes=[{AttributeName=item_id,AttributeType=string}]' \
  --query ExplainabilityArn --output text)
wait_until_active describe-explainability --explainability-arn "$impacts"
export_job=$(aws forecast create-explainability-export --explainability-export-name impacts \
  --explainability-arn "$impacts" --destination "$(location impacts)" --query ExplainabilityExportArn --output text)
wait_until_active describe-explainability-export --explainability-export-arn "$export_job"

# --- what if apples cost a fifth less?
analysis=$(aws forecast create-what-if-analysis --what-if-analysis-name cheaper --forecast-arn "$forecast" \
  --query WhatIfAnalysisArn --output text)
wait_until_active describe-what-if-analysis --what-if-analysis-arn "$analysis"
scenario=$(aws forecast create-what-if-forecast --what-if-forecast-name cheaper --what-if-analysis-arn "$analysis" \
  --time-series-transformations '[{
    "Action": {"AttributeName": "price", "Operation": "MULTIPLY", "Value": 0.8},
    "TimeSeriesConditions": [{"AttributeName": "item_id", "AttributeValue": "apples", "Condition": "EQUALS"}]
  }]' --query WhatIfForecastArn --output text)
wait_until_active describe-what-if-forecast --what-if-forecast-arn "$scenario"
aws forecastquery query-what-if-forecast --what-if-forecast-arn "$scenario" --filters '{"item_id": "apples"}' \
  --query 'Forecast.Predictions.p50[].[Timestamp, Value]' --output text
export_job=$(aws forecast create-what-if-forecast-export --what-if-forecast-export-name compared \
  --what-if-forecast-arns "$scenario" --destination "$(location compared)" \
  --query WhatIfForecastExportArn --output text)
wait_until_active describe-what-if-forecast-export --what-if-forecast-export-arn "$export_job"

# --- the fortnight has passed: its sales show how good the forecast was
import_file whole "$sales" sales.csv "${days[@]}"; imports+=("$import_job")
until evaluation=$(aws forecast list-monitor-evaluations --monitor-arn "$monitor" --output text \
  --query 'PredictorMonitorEvaluations[].MetricResults[].[MetricName, MetricValue]') && [ -n "$evaluation" ]; do
  sleep 0.5
done
echo "$evaluation"

# --- the monitor rests and goes on; a job is stopped
aws forecast stop-resource --resource-arn "$monitor"
wait_until_is ACTIVE_STOPPED describe-monitor --monitor-arn "$monitor"
aws forecast resume-resource --resource-arn "$monitor"
wait_until_active describe-monitor --monitor-arn "$monitor"
unwanted=$(aws forecast create-auto-predictor --predictor-name "${NAME}_unwanted" \
  --reference-predictor-arn "$predictor" --query PredictorArn --output text)
if aws forecast stop-resource --resource-arn "$unwanted"; then
  wait_until_is CREATE_STOPPED describe-auto-predictor --predictor-arn "$unwanted"
else # so small a training may be over before it can be stopped: then nothing is left to stop
  wait_until_active describe-auto-predictor --predictor-arn "$unwanted"
fi

# --- all that lies below the group goes with it; data are no part of the tree, nor are the files in the bucket
aws forecast delete-resource-tree --resource-arn "$group"
wait_until_gone describe-dataset-group --dataset-group-arn "$group"
for import_job in "${imports[@]}"; do
  delete delete-dataset-import-job describe-dataset-import-job --dataset-import-job-arn "$import_job"
done
for dataset in "$sales" "$prices" "$items"; do
  delete delete-dataset describe-dataset --dataset-arn "$dataset"
done
aws s3api list-objects-v2 --bucket "$BUCKET" --prefix "exports/$NAME/" --query 'Contents[].Key' --output text
echo 'deleted what was created; the exports stay in the bucket'
