"""One invocation of publish_forecast in a process of its own, from an event on standard input to an answer on output.

The service is not asked for its accuracy: nobody has trained what is published here.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

from forecast_pipeline.publishing import publish

APP = Path(__file__).parent.parent / "functions" / "publish_forecast" / "app.py"
CONTEXT = SimpleNamespace(
    function_name="publish_forecast",
    memory_limit_in_mb=int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]),
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:publish_forecast",
    aws_request_id="00000000-0000-0000-0000-000000000000",
)


class UntrainedService:
    """The service as far as publishing asks it."""

    def get_accuracy_metrics(self, **_request: str) -> dict[str, list[object]]:
        """No measures."""
        return {"PredictorEvaluationResults": []}


if __name__ == "__main__":
    publish.forecast_client = UntrainedService  # type: ignore[assignment]
    event, answers = json.load(sys.stdin), sys.stdout
    sys.stdout = sys.stderr  # the log of the function
    json.dump(runpy.run_path(str(APP))["lambda_handler"](event, CONTEXT), answers)
