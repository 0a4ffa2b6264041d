"""What a command does with an embedded AWS: forecast on one, keep one up, or run a program beside one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from forecast_language import said
from local_aws.command.failure import CommandFailed, Interrupted
from local_aws.command.news import News
from local_aws.command.pipeline_run import Execution, Pipeline, RunError
from local_aws.command.progress import Progress
from local_aws.command.results import MadeForecast
from local_aws.command.user_results import impact_of, rewrite
from local_aws.command.user_words import UserWords
from local_aws.embedded.deployment import Deployment, DeploymentError
from local_aws.embedded.keeping.data_folder import FolderError, OpenFolder
from local_aws.embedded.launcher import ACCESS_KEY, SECRET_KEY, StartError, region_at
from local_aws.embedded.running import Strictness, alone, announced, found_or_started, outlives_command, started
from local_aws.upload.upload import BucketUpload


def forecast(
    upload: BucketUpload,
    deployed: AbstractContextManager[Deployment],
    folder: Path,
    progress: Progress,
    endpoint: str | None = None,
) -> MadeForecast:
    """Run the pipeline over the upload; what it published goes into `folder`. `endpoint` is what the user named.

    CommandFailed if there is no forecast, or nothing that makes it; Interrupted says what goes on after Ctrl-C.
    """
    words = UserWords(upload.files)
    with _failures_told(words), deployed as deployment, alone(deployment.endpoint):
        pipeline = Pipeline(deployment)
        pipeline.require_idle()
        earlier, run = pipeline.run_ids(), ""
        try:
            progress.passing(said("putting the files into the bucket ..."))
            run = pipeline.start(upload)
            execution = _followed(pipeline, run, earlier, progress)
        except KeyboardInterrupt:
            raise Interrupted(_what_goes_on(deployment.endpoint, endpoint, run.rpartition(":")[2])) from None
        if execution.status != "SUCCEEDED":
            raise RunError(
                execution.cause or said("run {run} ended {status}", run=execution.run_id, status=execution.status)
            )
        pipeline.download(execution.run_id, folder)
    published = execution.published
    assert published is not None  # noqa: S101 - what a run that succeeded has
    published = published.model_copy(update={"AttributeImpact": impact_of(published.AttributeImpact, words)})
    notes = tuple(rewrite(folder, upload.form, words)) if upload.form else ()
    return MadeForecast(execution.run_id, execution.run_id not in earlier, published, notes, words)


def _followed(pipeline: Pipeline, arn: str, earlier: set[str], progress: Progress) -> Execution:
    """The execution at its end; one that was there before is not shown as if it went on now."""
    execution = pipeline.execution(arn)
    if execution.run_id not in earlier:
        return pipeline.follow(arn, progress.show)
    progress.say(
        said(
            "this is forecast already: run {run} was over the same content, and this is what it published"
            " (--fresh forecasts it anew)",
            run=execution.run_id,
        )
    )
    return execution


def _what_goes_on(here: str, named: str | None, run: str) -> str:
    """A sentence for who pressed Ctrl-C: on the embedded AWS at `here`, and on the run if it had begun."""
    if not outlives_command(here, named):
        return said("interrupted; the embedded AWS of this command has ended, and its run with it")
    if not run:
        return said("interrupted; almanac runs --endpoint {endpoint} says whether a run has begun", endpoint=here)
    return said(
        "interrupted; run {run} goes on, and almanac runs --endpoint {endpoint} says what becomes of it",
        run=run,
        endpoint=here,
    )


def keep_up(
    port: int, strictness: Strictness, data: AbstractContextManager[OpenFolder | None], progress: Progress
) -> None:
    """Keep an embedded AWS running until the process is stopped, and its state in ``data``.

    CommandFailed if it cannot start, or not be saved.
    """
    with (
        _failures_told(UserWords([])),
        data as folder,
        started(port, strictness, folder) as deployment,
        announced(deployment),
    ):
        place = region_at(deployment.endpoint)
        progress.say(said("the embedded AWS is up in {region}, with template.yaml deployed", region=place))
        for sentence in _at_its_end(folder):
            progress.say(sentence)
        for line in exports(deployment):
            print(line)
        sys.stdout.flush()
        with News(deployment) as news:
            while True:
                for sentence in news.next():
                    progress.say(sentence)


def _at_its_end(data: OpenFolder | None) -> Iterator[str]:
    """What Ctrl-C does to what is in it."""
    if data is None:
        yield said("Ctrl-C ends it, and all that is in it is forgotten (--data DIR keeps it)")
        return
    if data.died_after:
        yield said(
            "the last one on {folder} died: objects are as it left them, all else as saved {saved}",
            folder=data.path,
            saved=data.died_after,
        )
    yield said(
        "Ctrl-C ends it, and {folder} keeps what is in it"
        " (a run that still runs then has failed, an upload in parts that is not complete is gone)",
        folder=data.path,
    )


def run_beside(program: Sequence[str], strictness: Strictness, progress: Progress) -> int:
    """Run a program with the variables of an embedded AWS: that of `almanac up`, or one that ends with the program.

    Gives the program's exit status. CommandFailed if the embedded AWS cannot start, OSError if the program cannot.
    Where it is to refuse something it is always one of its own.
    """
    beside = found_or_started(None, progress.say, strictness)
    with _failures_told(UserWords([])), beside as deployment:
        process = subprocess.Popen(program, env=os.environ | variables(deployment))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the program as well, which knows what it means
        try:
            return process.wait()
        finally:
            process.terminate()


def exports(deployment: Deployment) -> list[str]:
    """Lines for a shell: after them, boto3 and the AWS CLI work on the embedded AWS."""
    return [f"export {name}={value}" for name, value in variables(deployment).items()]


def variables(deployment: Deployment) -> dict[str, str]:
    """What the environment of a program holds that works on the embedded AWS."""
    return {
        "AWS_ENDPOINT_URL": deployment.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": region_at(deployment.endpoint),
        "AWS_REGION": region_at(deployment.endpoint),
        "FORECAST_BUCKET": deployment.outputs["ForecastBucketName"],
        "FORECAST_ROLE_ARN": deployment.outputs["DataRoleArn"],
    }


@contextmanager
def _failures_told(words: UserWords) -> Iterator[None]:
    try:
        yield
    except (FolderError, StartError, DeploymentError, RunError, BotoCoreError, ClientError) as error:
        raise CommandFailed(words.told(str(error))) from error
