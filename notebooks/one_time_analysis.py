# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Forecast once, by the API / API로 한 번 예측해 보기
#
# The first part of the workshop. A shop sells six kinds of fruit. How much of each will it sell in the coming
# fortnight, how sure is that, what if it sold cheaper, and what moves its sales? Every answer comes from Amazon
# Forecast's own API. The cells are the same on a SageMaker notebook and on a laptop. Run them from top to bottom.
#
# 워크숍 1부입니다. 과일 여섯 가지를 파는 가게가 있습니다. 앞으로 2주 동안 무엇이 얼마나 팔릴까요? 그 예측은 얼마나
# 믿을 만할까요? 값을 내리면 더 팔릴까요? 판매량을 움직이는 것은 무엇일까요? 모든 답은 Amazon Forecast의 API를
# 호출해서 얻습니다. 셀은 SageMaker 노트북에서나 내 노트북 PC에서나 똑같습니다. 위에서부터 차례로 실행하세요.

# %%
import json
import os
import time
from pathlib import Path

import boto3
import matplotlib.pyplot as plt
import pandas as pd

# On a laptop `almanac up` tells the bucket and the role; on SageMaker the instance writes them down as it starts.
SETTINGS = Path.home() / ".aws" / "almanac.json"
if "FORECAST_BUCKET" not in os.environ and not SETTINGS.exists():
    raise RuntimeError(f"neither FORECAST_BUCKET nor {SETTINGS} is there: run the lines that `almanac up` prints first")
place = os.environ if "FORECAST_BUCKET" in os.environ else json.loads(SETTINGS.read_text())
BUCKET, ROLE_ARN = place["FORECAST_BUCKET"], place["FORECAST_ROLE_ARN"]

NAME = time.strftime("notebook_%Y%m%d_%H%M%S")  # of everything that is created; a second run does not meet the first
SHOP = Path("../samples/fruit_shop")
HORIZON = 14

s3, forecast, forecastquery = boto3.client("s3"), boto3.client("forecast"), boto3.client("forecastquery")
print(f"{forecast.meta.endpoint_url} forecasts, the files go to s3://{BUCKET}/notebook/{NAME}/")

# %% [markdown]
# ## 1. Look at the data / 데이터 살펴보기
#
# `sales.csv` is what is to be forecast: one row per day and fruit. `prices.csv` is what is known beside it, also for
# the fortnight to come: the price, and whether there is a promotion. Look for a week, a year, peaks and gaps.
#
# `sales.csv`에는 예측할 값인 과일별 하루 판매량이 있습니다. `prices.csv`에는 예측에 도움이 되는 값인 가격과 판촉
# 여부가 있는데, 앞으로 2주 치도 미리 들어 있습니다. 요일이나 계절에 따라 되풀이되는 모양, 튀는 값, 빠진 날이 있는지
# 살펴보세요.

# %%
sales = pd.read_csv(SHOP / "sales.csv", parse_dates=["timestamp"])
prices = pd.read_csv(SHOP / "prices.csv", parse_dates=["timestamp"])
days = sales.timestamp.nunique()
print(
    f"sales: {len(sales)} rows, {days} days from {sales.timestamp.min():%Y-%m-%d} to {sales.timestamp.max():%Y-%m-%d}"
)
print(f"prices: {len(prices)} rows, to {prices.timestamp.max():%Y-%m-%d}")
sales.groupby("item_id").demand.describe().round(1)

# %%
by_day = sales.pivot_table(index="timestamp", columns="item_id", values="demand")
figure, (whole, end) = plt.subplots(1, 2, figsize=(13, 3.6), width_ratios=[2, 1])
for panel, shown, title in (
    (whole, by_day.resample("MS").mean(), "mean of a day, by month"),
    (end, by_day.tail(28), "the last four weeks"),
):
    panel.plot(shown.index, shown, label=shown.columns)
    panel.set_title(title)
end.legend(loc="upper left", bbox_to_anchor=(1, 1))
figure.autofmt_xdate()
plt.show()

# %% [markdown]
# ## 2. Import / 가져오기
#
# A **dataset** has a schema: the columns of the file, in its order. A **dataset group** holds the datasets that
# belong together. An **import job** reads the file from S3; it is done when its status is `ACTIVE`.
#
# **데이터셋**에는 스키마가 있습니다. 스키마는 파일의 열을 파일에 나오는 순서대로 적은 것입니다. **데이터셋 그룹**은
# 함께 쓸 데이터셋을 하나로 묶습니다. **가져오기 작업**은 S3에 있는 파일을 읽습니다. 상태가 `ACTIVE`가 되면 다 읽은
# 것입니다.


# %%
def wait_for(describe, **arn):
    """Ask until the job has ended. Gives the last answer; RuntimeError with the service's reason where it failed."""
    while (answer := describe(**arn))["Status"] not in ("ACTIVE", "CREATE_FAILED", "CREATE_STOPPED"):
        time.sleep(0.5)
    if answer["Status"] != "ACTIVE":
        raise RuntimeError(f"{answer['Status']}: {answer.get('Message', 'no reason given')}")
    return answer


def import_file(file, dataset_type, attributes):
    """Put a file into the bucket and import it as a dataset. Gives its ARN and the statistics of its columns."""
    name, key = f"{NAME}_{file.stem}", f"notebook/{NAME}/{file.name}"
    s3.put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())
    dataset_arn = forecast.create_dataset(
        DatasetName=name,
        Domain="RETAIL",
        DatasetType=dataset_type,
        DataFrequency="D",
        Schema={"Attributes": [{"AttributeName": n, "AttributeType": t} for n, t in attributes.items()]},
    )["DatasetArn"]
    import_arn = forecast.create_dataset_import_job(
        DatasetImportJobName=name,
        DatasetArn=dataset_arn,
        DataSource={"S3Config": {"Path": f"s3://{BUCKET}/{key}", "RoleArn": ROLE_ARN}},
        TimestampFormat="yyyy-MM-dd",
    )["DatasetImportJobArn"]
    answer = wait_for(forecast.describe_dataset_import_job, DatasetImportJobArn=import_arn)
    return dataset_arn, pd.DataFrame(answer["FieldStatistics"]).T


sales_arn, sales_statistics = import_file(
    SHOP / "sales.csv", "TARGET_TIME_SERIES", {"timestamp": "timestamp", "item_id": "string", "demand": "float"}
)
prices_arn, prices_statistics = import_file(
    SHOP / "prices.csv",
    "RELATED_TIME_SERIES",
    {"timestamp": "timestamp", "item_id": "string", "price": "float", "promotion": "integer"},
)
group_arn = forecast.create_dataset_group(DatasetGroupName=NAME, Domain="RETAIL", DatasetArns=[sales_arn, prices_arn])[
    "DatasetGroupArn"
]

# %% [markdown]
# The service tells what it read, column by column. Is `Count` the number of rows of the file? Is `CountNull` 0?
#
# 서비스는 무엇을 읽었는지 열별로 알려 줍니다. 행 수(`Count`)가 파일과 같은가요? 빈 값(`CountNull`)은 없나요?

# %%
statistics = pd.concat({"sales.csv": sales_statistics, "prices.csv": prices_statistics})
statistics[["Count", "CountNull", "CountDistinct", "Min", "Max", "Avg", "Stddev"]]

# %% [markdown]
# ## 3. Train / 학습하기
#
# `create_auto_predictor` tries several models on the past and mixes them. Korea's public holidays are added by one
# line. The fortnight to be forecast holds Seollal.
#
# `create_auto_predictor`는 여러 모델을 과거 데이터로 시험해 보고 알맞게 섞어 씁니다. 한국의 공휴일은 한 줄만 적으면
# 반영됩니다. 이번에 예측할 2주에는 설 연휴가 들어 있습니다.

# %%
predictor_arn = forecast.create_auto_predictor(
    PredictorName=NAME,
    ForecastHorizon=HORIZON,
    ForecastFrequency="D",
    ForecastTypes=["0.1", "0.5", "0.9"],
    DataConfig={
        "DatasetGroupArn": group_arn,
        "AdditionalDatasets": [{"Name": "holiday", "Configuration": {"CountryCode": ["KR"]}}],
    },
    ExplainPredictor=True,
)["PredictorArn"]
predictor = wait_for(forecast.describe_auto_predictor, PredictorArn=predictor_arn)
predictor["Status"]

# %% [markdown]
# ## 4. How good is it? / 얼마나 정확한가
#
# The predictor has forecast fortnights of the past without seeing them (backtest windows). Was it better than the
# simplest of all forecasts, "the same as on that weekday a week ago" (seasonal naive)? A forecast that is not better
# is worth nothing. WAPE is the sum of the errors over the sum of the sales; 0.05 is 5 %.
#
# 예측기는 이미 지나간 2주를, 실제 값을 보지 않은 채 예측해 봤습니다(백테스트). "지난주 같은 요일만큼 팔린다"는 가장
# 단순한 예측(계절 나이브)보다 나았을까요? 그보다 못한 예측은 쓸모가 없습니다. WAPE는 오차의 합을 판매량의 합으로 나눈
# 값입니다. 0.05면 5%입니다.

# %%
windows = forecast.get_accuracy_metrics(PredictorArn=predictor_arn)["PredictorEvaluationResults"][0]["TestWindows"]
backtests = [window for window in windows if window["EvaluationType"] == "COMPUTED"]


def day(time):
    """The day of a time that the service tells: boto3 gives some in this machine's time zone, the service means UTC."""
    return pd.to_datetime(time, utc=True).tz_localize(None).normalize()


def naive_forecast(start):
    """The week before `start`, once more for every week of the horizon: one row a day, one column a fruit."""
    coming = pd.date_range(start, periods=HORIZON)
    last_week = by_day.loc[: start - pd.Timedelta(days=1)].tail(7)
    return pd.DataFrame([last_week.iloc[step % 7] for step in range(HORIZON)], index=coming)


def row_of(window):
    """A backtest window beside seasonal naive over the same days."""
    start = day(window["TestWindowStart"])
    naive = naive_forecast(start)
    actual = by_day.loc[naive.index]
    return {
        "from": f"{start:%Y-%m-%d}",
        "forecast": window["Metrics"]["ErrorMetrics"][0]["WAPE"],
        "naive": (actual - naive).abs().to_numpy().sum() / actual.to_numpy().sum(),
    }


accuracy = pd.DataFrame([row_of(window) for window in backtests]).set_index("from").sort_index()
accuracy.plot.bar(figsize=(8, 3), rot=0, title="WAPE, less is better", color=["#D9822B", "#9AA5B1"]).legend(
    loc="upper left", bbox_to_anchor=(1, 1)
)
plt.show()
accuracy.round(3)

# %% [markdown]
# ## 5. Forecast / 예측하기
#
# A forecast is not one number. p50 is the middle: half of the days sell more. One day in ten sells less than p10, one
# in ten more than p90. Order by p90 where a missed sale costs more, by p10 where what is left over costs more.
#
# 예측은 숫자 하나로 끝나지 않습니다. p50은 한가운데 값이어서, 절반의 날에는 그보다 많이 팔립니다. 열흘에 하루꼴로
# p10보다 적게 팔리고, 열흘에 하루꼴로 p90보다 많이 팔립니다. 물건이 없어 못 파는 것이 더 아까우면 p90에, 남아서
# 버리는 것이 더 아까우면 p10에 맞춰 들여놓으세요.

# %%
forecast_arn = forecast.create_forecast(ForecastName=NAME, PredictorArn=predictor_arn)["ForecastArn"]
wait_for(forecast.describe_forecast, ForecastArn=forecast_arn)


def as_table(answer):
    """The answer to a query: one row per day, one column per quantile."""
    series = answer["Forecast"]["Predictions"].items()
    return pd.DataFrame({q: {day(point["Timestamp"]): point["Value"] for point in points} for q, points in series})


fruits = sorted(sales.item_id.unique())
coming = pd.concat(
    {
        fruit: as_table(forecastquery.query_forecast(ForecastArn=forecast_arn, Filters={"item_id": fruit}))
        for fruit in fruits
    }
)
coming.loc[fruits[0]].round(1)

# %%
figure, panels = plt.subplots(2, -(-len(fruits) // 2), figsize=(13, 6), sharex=True, squeeze=False)
for fruit, panel in zip(fruits, panels.flat, strict=False):
    past, fan = by_day[fruit].tail(42), coming.loc[fruit]
    panel.plot(past.index, past, color="#33455A", label="sold")
    panel.fill_between(fan.index, fan.p10, fan.p90, color="#D9822B", alpha=0.3, label="p10 to p90")
    panel.plot(fan.index, fan.p50, color="#D9822B", label="p50")
    panel.set_title(fruit)
panels[0, 0].legend(loc="upper left")
figure.autofmt_xdate()
plt.show()

# %% [markdown]
# ## 6. What if it were cheaper? / 값을 내리면?
#
# A what-if analysis asks the same predictor about a future that you change: here every price is a tenth lower. The
# service knows of prices only what the past shows; it answers what went along with low prices, not what they cause.
#
# what-if 분석은 조건을 바꾼 미래를 같은 예측기에 물어보는 것입니다. 여기서는 모든 가격을 10% 내려 봅니다. 서비스는
# 과거 데이터만 알고 있으므로, 값이 쌀 때 판매량이 어땠는지를 알려 줄 뿐입니다. 값을 내렸기 때문에 많이 팔렸다는 뜻은
# 아닙니다.

# %%
analysis_arn = forecast.create_what_if_analysis(WhatIfAnalysisName=NAME, ForecastArn=forecast_arn)["WhatIfAnalysisArn"]
wait_for(forecast.describe_what_if_analysis, WhatIfAnalysisArn=analysis_arn)
cheaper_arn = forecast.create_what_if_forecast(
    WhatIfForecastName=NAME,
    WhatIfAnalysisArn=analysis_arn,
    TimeSeriesTransformations=[{"Action": {"AttributeName": "price", "Operation": "MULTIPLY", "Value": 0.9}}],
)["WhatIfForecastArn"]
wait_for(forecast.describe_what_if_forecast, WhatIfForecastArn=cheaper_arn)
cheaper = pd.concat(
    {
        fruit: as_table(forecastquery.query_what_if_forecast(WhatIfForecastArn=cheaper_arn, Filters={"item_id": fruit}))
        for fruit in fruits
    }
)

# %%
what_if = pd.DataFrame(
    {"as planned": coming.p50.groupby(level=0).sum(), "10 % cheaper": cheaper.p50.groupby(level=0).sum()}
)
what_if["change in %"] = (what_if["10 % cheaper"] / what_if["as planned"] - 1) * 100
what_if[["as planned", "10 % cheaper"]].plot.barh(figsize=(8, 3), title="sold in the fortnight (sum of p50)")
plt.show()
what_if.round(1)

# %% [markdown]
# ## 7. What moves the forecast? / 무엇이 예측을 움직이는가
#
# `ExplainPredictor=True` has made an explanation beside the predictor. Its export has a score from -1 to 1 for each
# attribute. How far from 0 it is says how much the attribute matters. The sign says whether it raised or lowered the
# forecasts on balance: without a promotion less is sold, and most days are without one.
#
# `ExplainPredictor=True`로 학습했으므로 예측기와 함께 설명도 만들어졌습니다. 설명을 내보내면 속성마다 -1에서 1 사이의
# 점수가 나옵니다. 0에서 멀수록 중요한 속성입니다. 부호는 그 속성이 예측을 전체적으로 올렸는지 내렸는지를 나타냅니다.
# 판촉이 없으면 덜 팔리는데, 판촉이 없는 날이 대부분입니다.


# %%
def read_export(folder):
    """The CSV files that an export left under a folder of the bucket, as one table."""
    prefix = f"exports/{NAME}/{folder}/"
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]]
    return pd.concat(pd.read_csv(s3.get_object(Bucket=BUCKET, Key=key)["Body"]) for key in keys if key.endswith(".csv"))


def destination(folder):
    """Where an export goes; the service becomes the role to write there."""
    return {"S3Config": {"Path": f"s3://{BUCKET}/exports/{NAME}/{folder}/", "RoleArn": ROLE_ARN}}


explanation_arn = predictor["ExplainabilityInfo"]["ExplainabilityArn"]
wait_for(forecast.describe_explainability, ExplainabilityArn=explanation_arn)
export_arn = forecast.create_explainability_export(
    ExplainabilityExportName=NAME, ExplainabilityArn=explanation_arn, Destination=destination("explanation")
)["ExplainabilityExportArn"]
wait_for(forecast.describe_explainability_export, ExplainabilityExportArn=export_arn)
explanation = read_export("explanation").iloc[0].rename(lambda column: column.removesuffix("-NormalizedImpactScore"))
explanation.plot.barh(figsize=(8, 2), title="impact on the forecasts, -1 to 1", color="#D9822B")
plt.show()
explanation.round(2)

# %% [markdown]
# ## 8. Take it along / 결과 가져가기
#
# An export writes the whole forecast into the bucket as CSV, for a table, a dashboard or a colleague.
#
# 예측을 내보내면 전체 결과가 버킷에 CSV 파일로 저장됩니다. 표로 쓰거나 대시보드에 올리거나 동료에게 건네줄 수
# 있습니다.

# %%
export_arn = forecast.create_forecast_export_job(
    ForecastExportJobName=NAME, ForecastArn=forecast_arn, Destination=destination("forecast")
)["ForecastExportJobArn"]
wait_for(forecast.describe_forecast_export_job, ForecastExportJobArn=export_arn)
exported = read_export("forecast")
print(f"{len(exported)} rows under s3://{BUCKET}/exports/{NAME}/forecast/")
exported.head()

# %% [markdown]
# ## 9. Clean up / 정리하기
#
# What lies below the dataset group goes with it: predictor, explanation, forecast, what-if. Each dataset takes its
# imports along. The files in the bucket stay. The second part of the workshop is the pipeline: it does all of this by
# itself whenever a file arrives under `train/` or `raw_data/` of the bucket.
#
# 데이터셋 그룹을 지우면 그 아래에 있는 예측기, 설명, 예측, what-if 분석도 함께 지워집니다. 데이터셋을 지우면 가져오기
# 작업도 함께 지워집니다. 버킷의 파일은 남습니다. 워크숍 2부는 파이프라인입니다. 버킷의 `train/`이나 `raw_data/`에
# 파일이 올라오면 파이프라인이 지금까지의 일을 알아서 해 줍니다.


# %%
def delete_tree(describe, arn_name, arn):
    """Delete a resource with all that lies below it, and wait until it is gone."""
    forecast.delete_resource_tree(ResourceArn=arn)
    try:
        while describe(**{arn_name: arn})["Status"] != "DELETE_FAILED":
            time.sleep(0.5)
    except forecast.exceptions.ResourceNotFoundException:
        return
    raise RuntimeError(f"{arn} could not be deleted")


delete_tree(forecast.describe_dataset_group, "DatasetGroupArn", group_arn)
for dataset_arn in (sales_arn, prices_arn):
    delete_tree(forecast.describe_dataset, "DatasetArn", dataset_arn)
print("deleted what was created; the files stay in the bucket")
