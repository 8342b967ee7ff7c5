"""Text into HTML: templates that escape everything, and a small, safe part of Markdown."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
JOINERS = "\u200c\u200d"
"""Invisible characters that several scripts need within words."""
MAX_ANSWER = 20_000
"""Characters, about ten pages."""
_REFUSED = ("html_block", "html_inline", "link", "image", "autolink", "reference")
_OUT_OF_PLACE = ("heading", "lheading")  # the page has headings of its own, in order


def visible(text: str, keep: str = "\n\t") -> str:
    """Make control characters, lone surrogates and changes of direction visible."""
    return "".join(
        char if char.isprintable() or char in keep else repr(char)[1:-1] for char in text
    )


def render(template: str, **values: object) -> Markup:
    """Fill a template; every text is made visible and escaped unless it is Markup already."""
    filled = _environment().get_template(template).render(**values)
    return Markup(filled)  # noqa: S704 # escaped by the template


def markdown(text: str) -> Markup:
    """Render a student's answer: paragraphs, lists, emphasis, code and tables.

    No HTML, links, images or headings: these stay as they were typed. A text longer than anybody
    writes is cut, since tables of megabytes would take minutes.
    """
    if len(text) > MAX_ANSWER:
        text = (
            f"{text[:MAX_ANSWER]}\n\n(The rest, {len(text) - MAX_ANSWER} characters, is left out.)"
        )
    return Markup(_markdown().render(visible(text, "\n\t" + JOINERS)))  # noqa: S704 # html is off


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def _finalize(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return parser.enable("table").disable([*_REFUSED, *_OUT_OF_PLACE])
