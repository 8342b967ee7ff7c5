"""The words that students read, in the language of the course.

English stands in the code and the templates; ``locale/`` holds a catalogue for each other language.
A word that a catalogue lacks is English. ``docs/course.md`` says how a language is added.
"""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).resolve().parent / "locale"
DOMAIN = "autograder"
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(path.name for path in LOCALE.iterdir() if path.is_dir()))
"""What ``language:`` in config.yaml may say."""


@cache
def words_of(language: str) -> gettext.NullTranslations:
    """Return a language's catalogue; English needs none."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [language])


def marked(text: str) -> str:
    """Mark a text for the catalogue where it stands; it is looked up where it is shown."""
    return text
