"""Text into HTML: templates that escape everything, and a small, safe part of Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from autograder.language import ENGLISH, words_of
from autograder.reports.boundary import on_page, sentence

TEMPLATES = Path(__file__).parent / "templates"
OVERVIEW = Path(__file__).parent / "overview"
"""Templates of the page about a class; it takes its looks from the others."""
JOINERS = "\u200c\u200d"
"""Invisible characters that several scripts need within words."""
MAX_ANSWER = 20_000
"""Characters, about ten pages."""
_REFUSED = ("html_block", "html_inline", "link", "image", "autolink", "reference")
_OUT_OF_PLACE = ("heading", "lheading")  # the page has headings of its own, in order


def prepare(language: str = ENGLISH) -> None:
    """Read templates and make the parser now, before processes share them."""
    environment = _environment(language)
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)
    _markdown()


def render(template: str, language: str = ENGLISH, /, **values: object) -> Markup:
    """Fill a template; every text is made visible and escaped unless it is Markup already."""
    filled = _environment(language).get_template(template).render(**values)
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
    return Markup(_markdown().render(on_page(text, "\n\t" + JOINERS)))  # noqa: S704 # html is off


def coded(text: str) -> Markup:
    """Escape a sentence of ours, and set what stands between two backticks in it as code."""
    parts = [escape(on_page(part)) for part in text.split("`")]
    if len(parts) % 2 == 0:  # one of them has no other
        return Markup("`").join(parts)
    return Markup().join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, OVERVIEW]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    words = words_of(language)

    def say(text: str, **values: object) -> Markup:
        return _filled(words.gettext(text), values)

    def count(one: str, several: str, num: int) -> Markup:
        return _filled(words.ngettext(one, several, num), {"num": num})

    environment.filters["sentence"] = sentence
    environment.globals |= {"_": say, "ngettext": count, "language": language, "coded": coded}
    return environment


def _filled(text: str, values: Mapping[str, object]) -> Markup:
    """Put values into a sentence of a catalogue, as safe as those that stand in a template."""
    safe = escape(text)
    return safe % {name: _finalize(value) for name, value in values.items()} if values else safe


def _finalize(value: object) -> object:
    return on_page(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return parser.enable("table").disable([*_REFUSED, *_OUT_OF_PLACE])
