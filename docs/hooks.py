"""What mkdocs adds to the pages of this folder: the commands, and every file elsewhere in the project that a page links to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from pipelines.apps.document import pages

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\(([^)#:\s]+)\)")
FENCE = "`" * 6


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie nowhere."""
    linked = {name for file in files.documentation_pages() for name in outside(file.content_string, file.src_uri)}
    for path, text in (pages() | {place(name): shown(name) for name in linked}).items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links to files outside this folder lead to their pages."""
    here = posixpath.dirname(page.file.src_uri)

    def moved(link: re.Match[str]) -> str:
        name = target(link[1], page.file.src_uri)
        return f"]({posixpath.relpath(place(name), here)})" if name else link[0]

    return LINK.sub(moved, markdown)


def outside(markdown: str, src_uri: str) -> Iterator[str]:
    """The files outside this folder that a page links to, by their path in the project."""
    yield from filter(None, (target(link, src_uri) for link in LINK.findall(markdown)))


def target(link: str, src_uri: str) -> str:
    """The path in the project of the file that a link on a page means, if it lies outside this folder; otherwise ""."""
    path = posixpath.normpath(posixpath.join("docs", posixpath.dirname(src_uri), link))
    return path if not path.startswith(("docs/", "../")) and (ROOT / path).is_file() else ""


def place(name: str) -> str:
    """Where the page of a file lies in the site."""
    return f"project/{name.lower()}" if name.endswith(".md") else f"source/{name}.md"


def shown(name: str) -> str:
    """The page of a file: itself if it is one, otherwise its text as code."""
    text, suffix = (ROOT / name).read_text(), Path(name).suffix.removeprefix(".")
    return text if suffix == "md" else f"# {name}\n\n{FENCE}{suffix}\n{text}{FENCE}\n"
