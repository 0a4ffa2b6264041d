"""What is asked about one of the fixed panels, and the papers of the answers."""

from typing import Any

from botocore.exceptions import ClientError
from fixed_panels import Dataset, Import, Panel, schema
from paper_text import lines_of_answer, lines_of_files
from served_checkout import ServedCheckout

FORMATS = {"auto": ("CSV", "PARQUET")}  # by the name of the predictor; CSV alone for the others


class Study:
    """Everything that is asked about one panel, and the papers of the answers by their names."""

    def __init__(self, panel: Panel, service: ServedCheckout) -> None:
        self.papers: dict[str, list[str]] = {}
        self.service = service
        self._panel = panel
        self._datasets: dict[str, str] = {}

    def run(self) -> None:
        """Import, then train, measure, forecast and export with every predictor of the panel."""
        for name, dataset in self._panel.datasets.items():
            self._import(name, dataset)
        group, _ = self.service.make(
            "dataset_group",
            DatasetGroupName=self._panel.name,
            Domain=self._panel.domain,
            DatasetArns=[*self._datasets.values()],
        )
        for name, request in self._panel.predictors.items():
            self.forecast_with(name, self._train(name, group, request))

    def make(self, paper: str, kind: str, **request: Any) -> str:
        """Create a resource and keep its description as a paper: the ARN."""
        arn, described = self.service.make(kind, **request)
        self.papers[f"{paper}.{kind}"] = lines_of_answer(described)
        return arn

    def export(self, paper: str, kind: str, of: dict[str, Any], **request: Any) -> None:
        """Export and keep the rows of each folder as a paper."""
        folder = f"out/{paper}"
        names = {f"{''.join(word.capitalize() for word in kind.split('_'))}Name": paper.replace(".", "_")}
        self.make(paper, kind, Destination=self.service.path(folder), **names, **of, **request)
        for inner, lines in lines_of_files(self.service.files(f"{folder}/"), f"{folder}/").items():
            self.papers[f"{paper}.{inner or 'rows'}"] = lines

    def _import(self, name: str, dataset: Dataset) -> None:
        request = {"DataFrequency": dataset.frequency} if dataset.frequency else {}
        self._datasets[name], _ = self.service.make(
            "dataset",
            DatasetName=name,
            Domain=self._panel.domain,
            DatasetType=dataset.kind,
            Schema=schema(dataset.columns),
            **request,
        )
        for number, one in enumerate(dataset.imports):
            self.import_files(name, f"import_{number}", one)

    def import_files(self, name: str, label: str, one: Import) -> None:
        """Put the files of an import and run it; ``name`` is that of the dataset."""
        for file, content in one.files.items():
            self.service.put(f"in/{name}/{label}/{file}", content)
        self.make(
            f"{name}.{label}",
            "dataset_import_job",
            DatasetImportJobName=label,
            DatasetArn=self._datasets[name],
            DataSource=self.service.path(f"in/{name}/{label}/"),
            **one.request,
        )

    def _train(self, name: str, group: str, request: dict[str, Any]) -> str:
        """A predictor, measured."""
        is_legacy = "FeaturizationConfig" in request
        data = "InputDataConfig" if is_legacy else "DataConfig"
        grouped = request | {data: {"DatasetGroupArn": group} | request.get(data, {})}
        predictor = self.make(name, "predictor" if is_legacy else "auto_predictor", PredictorName=name, **grouped)
        self.measure(name, predictor)
        return predictor

    def measure(self, name: str, predictor: str) -> None:
        """The accuracy of a predictor, and its backtests."""
        accuracy = self.service.forecast.get_accuracy_metrics(PredictorArn=predictor)
        self.papers[f"{name}.accuracy"] = lines_of_answer(accuracy)
        for form in FORMATS.get(name, ("CSV",)):
            of = {"PredictorArn": predictor}
            self.export(f"{name}.backtest_{form}", "predictor_backtest_export_job", of, Format=form)

    def forecast_with(
        self, name: str, predictor: str, queries: list[dict[str, str]] | None = None, **request: Any
    ) -> None:
        """A forecast, its values and its item models, and the answers to queries."""
        types = {"ForecastTypes": self._panel.forecast_types}
        forecast = self.make(name, "forecast", ForecastName=name, PredictorArn=predictor, **types | request)
        for form in FORMATS.get(name, ("CSV",)):
            self.export(
                f"{name}.values_{form}",
                "forecast_export_job",
                {"ForecastArn": forecast},
                Format=form,
                Tags=[{"Key": "almanac:item-models", "Value": "true"}],
            )
        for number, filters in enumerate(queries or self._panel.queries):
            self.papers[f"{name}.query_{number}"] = self._lines_of_query(forecast, filters)

    def _lines_of_query(self, forecast: str, filters: dict[str, str]) -> list[str]:
        """The answer about one series; a refusal is an answer too, since not every predictor knows every item."""
        try:
            return lines_of_answer(self.service.query.query_forecast(ForecastArn=forecast, Filters=filters))
        except ClientError as refusal:
            return [str(refusal)]
