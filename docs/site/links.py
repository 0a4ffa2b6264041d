"""Links of the pages, as they work on GitHub, made to work on the site."""

import re
from pathlib import Path
from typing import Any

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")
OTHER_LANGUAGE = re.compile(r"^\*(?:한국어|English): \[.*\n", re.MULTILINE)  # the site has a switch for it
OF_A_LANGUAGE = re.compile(r"\.ko(?=\.md$)")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """A file outside of docs/ is linked in the repository; a page in two languages is linked by its one name.

    A link that leads to no file stays as it is: MkDocs then warns, and `make docs` fails.
    """
    folder = Path(page.file.abs_src_path).parent
    project = Path(config.config_file_path).parent

    def twin_of_an_english_page(found: Path) -> bool:
        in_korean = config.theme.get("language") == "ko" and not page.file.abs_src_path.endswith(".ko.md")
        return in_korean and found.with_suffix(".ko.md").exists()

    def on_the_site(link: re.Match[str]) -> str:
        target, anchor = link[1], link[2] or ""
        found = (folder / target).resolve()
        if found.exists() and not found.is_relative_to(config.docs_dir):
            kind = "tree" if found.is_dir() else "blob"
            return f"]({config.repo_url.rstrip('/')}/{kind}/main/{found.relative_to(project)}{anchor})"
        if twin_of_an_english_page(found):
            anchor = ""  # the page that opens is Korean, and so are its anchors
        return f"]({OF_A_LANGUAGE.sub('', target)}{anchor})"

    return LINK.sub(on_the_site, OTHER_LANGUAGE.sub("", markdown))
