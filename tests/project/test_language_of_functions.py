"""The parameter Language reaches each function that speaks to people, and not the one that answers as Amazon does."""

import pytest

from tests.project.resolved_template import project_template, resolved

OF_THE_SERVICE = {"ForecastWorkerFunction"}  # the one of its functions that has sentences: those of the reader of files


@pytest.mark.parametrize("chosen", ["en", "ko"])
def test_mails_are_in_the_language_of_the_stack_and_answers_of_the_service_in_english(chosen: str) -> None:
    template = project_template()
    everywhere = resolved(template | {"Resources": {"All": template["Globals"]["Function"]}}, Language=chosen)
    own = {
        name: resource["Properties"].get("Environment", {}).get("Variables", {}).get("ALMANAC_LANGUAGE")
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert everywhere["Resources"]["All"]["Environment"]["Variables"]["ALMANAC_LANGUAGE"] == chosen
    assert {name for name, language in own.items() if language == "en"} == OF_THE_SERVICE
    assert {language for name, language in own.items() if name not in OF_THE_SERVICE} == {None}
