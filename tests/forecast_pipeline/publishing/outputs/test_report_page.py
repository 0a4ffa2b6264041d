"""The page itself: one file, nothing fetched, and other people's words never run."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from forecast_pipeline.publishing.outputs.report_page import SCRIPTS, STAGE, WORDS, part, report_page
from local_aws.dashboard.page import TEMPLATE as TEMPLATE_OF_DASHBOARD

HOSTILE = "</script><script>alert(1)</script><!-- & \u2028 {{script}} {{data}} ]]>"


class Page(HTMLParser):
    """Collects what a browser would take for elements and their raw text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data

    def text_of(self, tag: str, **attributes: str) -> str:
        found = [
            text
            for (name, has), text in zip(self.elements, self.texts, strict=True)
            if name == tag and attributes.items() <= has.items()
        ]
        assert len(found) >= 1, f"no {tag} {attributes}"
        return found[-1]


@pytest.fixture
def page() -> Page:
    return Page(report_page({"name": HOSTILE, "items": [{"name": HOSTILE, "history": [1, None]}]}))


def test_data_come_back_as_they_were(page: Page) -> None:
    data = json.loads(page.text_of("script", type="application/json"))
    assert data == {"name": HOSTILE, "items": [{"name": HOSTILE, "history": [1, None]}]}


def test_a_hostile_name_adds_no_element(page: Page) -> None:
    harmless = Page(report_page({"name": "x", "items": []}))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else(page: Page) -> None:
    policy = next(
        has["content"] or "" for tag, has in page.elements if tag == "meta" and "content" in has and "http-equiv" in has
    )
    for directive, tag in (("script-src", "script"), ("style-src", "style")):
        digest = base64.b64encode(hashlib.sha256(page.text_of(tag).encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_nothing_is_fetched(page: Page) -> None:
    assert not [has for _, has in page.elements if {"src", "href"} & has.keys()]
    script = page.text_of("script").replace('"http://www.w3.org/2000/svg"', "")  # a name, not an address
    assert not re.search(
        r"https?:|fetch\(|import\(|XMLHttpRequest|innerHTML|insertAdjacentHTML|document\.write", script
    )
    assert "url(" not in page.text_of("style")


def test_every_element_the_script_asks_for_is_in_the_page(page: Page) -> None:
    asked = set(re.findall(r'(?:byId|getElementById)\("([a-z-]+)"\)', page.text_of("script")))
    assert len(asked) > 10
    assert asked <= {has["id"] for _, has in page.elements if "id" in has}


def test_numbers_that_json_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        report_page({"value": float("nan")})


def test_every_word_of_our_pages_has_its_twin_and_both_name_the_same_values() -> None:
    words = json.loads(part(WORDS))
    for name, (english, korean) in words.items():
        assert "" not in {english.strip(), korean.strip()}, name
        values = [set(re.findall(r"\{(\w+)\}", text)) for text in (english, korean)]
        assert values[0] == values[1], name
        assert name == "language_name" or not re.search("[가-힣]", english), name


def test_every_word_that_a_page_asks_for_is_in_the_table_and_none_is_left_over() -> None:
    words = json.loads(part(WORDS))
    pages = [part(name) for name in (*SCRIPTS, STAGE, "report.html")]
    pages += [path.read_text("utf-8") for path in TEMPLATE_OF_DASHBOARD.iterdir()]
    text = "\n".join(pages)
    asked = re.findall(r'said\("(\w+)"|data-(?:said|label|hint)="(\w+)"|WORDS\.(\w+)', text)
    named = {name for names in asked for name in names if name}
    assert named <= words.keys()
    quoted = set(re.findall(r'"(\w+)"', text))
    groups = (*(f"{group}_" for group in re.findall(r"`(\w+)_\$", text)), "model_", "aggregated_", "read_")
    assert [name for name in words if name not in named | quoted and not name.startswith(groups)] == []
