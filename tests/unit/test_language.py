"""The catalogue: every word of the pages is in it, and what is compiled is what was written."""

import io
import re
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo

import autograder
from autograder.language import DOMAIN, ENGLISH, LANGUAGES, LOCALE, words_of

PACKAGE = Path(autograder.__file__).parent
OTHERS = [language for language in LANGUAGES if language != ENGLISH]
HOLDER = re.compile(r"%\(\w+\)s")


def catalogue(language):
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    return path, pofile.read_po(io.BytesIO(path.read_bytes()), language)


@pytest.fixture(scope="module")
def texts():
    """Every text of the package that is looked up in a catalogue."""
    found = extract_from_dir(
        PACKAGE / "reports",
        method_map=[("**.py", "python"), ("**.j2", "jinja2")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "marked": None},
    )
    found = [*found, *extract_from_dir(
        PACKAGE, method_map=[("grades.py", "python")], keywords={"marked": None})]  # fmt: skip
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def texts_of(messages):
    def plain(text):
        return text if isinstance(text, str) else tuple(text)

    return {plain(one.id): plain(one.string) for one in messages if one.id}


@pytest.mark.parametrize("language", OTHERS)
def test_compiled_catalogue_is_what_was_written(language):
    path, written = catalogue(language)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert texts_of(compiled) == texts_of(written), (
        f"run: pybabel compile -d autograder/locale -D {DOMAIN}"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_and_nothing_else(language, texts):
    _, written = catalogue(language)
    ids = {one.id if isinstance(one.id, str) else one.id[0] for one in written if one.id}
    assert ids == texts


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_of_its_text(language):
    _, written = catalogue(language)
    for one in written:
        pairs = [(one.id, one.string)] if isinstance(one.id, str) else [
            (one.id[0 if place == 0 else 1], text) for place, text in enumerate(one.string)
        ]  # fmt: skip
        for text, translated in pairs:
            assert translated or not text, text
            assert sorted(HOLDER.findall(text)) == sorted(HOLDER.findall(translated)), text


def test_english_needs_no_catalogue():
    assert words_of(ENGLISH).gettext("passed") == "passed"
