"""The sample shop: its files are what its script writes, and `almanac forecast` reads them as its README says."""

import json
import runpy
from pathlib import Path

from local_aws.guessing.options import Options
from local_aws.upload.upload import upload_from_guesses

SHOP = Path(__file__).parent.parent.parent.parent / "samples" / "fruit_shop"


def test_the_files_are_what_the_script_writes() -> None:
    written = runpy.run_path(str(SHOP / "make.py"))["files"]()
    assert set(written) == {"sales.csv", "prices.csv", "items.csv"}
    for name, content in written.items():
        assert (SHOP / name).read_text() == content, name


def test_it_is_read_as_its_readme_says(tmp_path: Path) -> None:
    options = Options(related=SHOP / "prices.csv", metadata=SHOP / "items.csv", holidays="KR")
    upload = upload_from_guesses(SHOP / "sales.csv", options, tmp_path)
    assert upload.sentences == [
        "timestamp   timestamp (yyyy-MM-dd)",
        "item_id     item_id",
        "target      demand",
        "frequency   D  (guessed; --frequency overrides)",
        "horizon     14, after 749 steps of history  (guessed; --horizon overrides)",
        "related     price, promotion of prices.csv  (known for the time of the forecast)",
        "metadata    category, origin of items.csv",
        "new items   1 item of items.csv without history, forecast like those that they resemble",
        "holidays    KR",
    ]
    content = upload.objects[0][1]
    assert isinstance(content, bytes)
    assert json.loads(content)["AutoPredictor"]["DataConfig"] == {
        "AdditionalDatasets": [{"Name": "holiday", "Configuration": {"CountryCode": ["KR"]}}]
    }
