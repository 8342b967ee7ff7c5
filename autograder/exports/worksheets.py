"""What the columns of Moodle's grading worksheet are called, in the languages of a Moodle site.

Another language is another record: its words are those of Moodle's language pack for ``assign``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from autograder.exports.sheets import Sheet
from autograder.model import Record


class Titles(Record, frozen=True):
    """The titles in one language; Moodle needs the first three of what is uploaded."""

    identifier: str
    grade: str
    modified: str
    name: str
    email: str
    status: str
    most: str
    number: str
    username: str

    def fits(self, sheet: Sheet) -> bool:
        """Tell whether a table is a worksheet in this language."""
        needed = (self.identifier, self.grade, self.modified)
        return all(sheet.column([title]) is not None for title in needed)

    def keeps(self, title: str) -> bool:
        """Tell whether a column is uploaded again: all but feedback, and what nobody reads."""
        kept = (self.identifier, self.grade, self.modified, self.name, self.email, self.status,
                self.most)  # fmt: skip
        return title.casefold() in {one.casefold() for one in kept}


LANGUAGES: Mapping[str, Titles] = MappingProxyType({
    "English": Titles(
        identifier="Identifier",
        grade="Grade",
        modified="Last modified (grade)",
        name="Full name",
        email="Email address",
        status="Status",
        most="Maximum grade",
        number="ID number",
        username="Username",
    ),
    "German": Titles(
        identifier="ID",
        grade="Bewertung",
        modified="Zuletzt geändert (Bewertung)",
        name="Vollständiger Name",
        email="E-Mail-Adresse",
        status="Status",
        most="Bestwertung",
        number="ID-Nummer",
        username="Anmeldename",
    ),
    "French": Titles(
        identifier="Identifiant",
        grade="Note",
        modified="Dernière modification (note)",
        name="Nom complet",
        email="Adresse de courriel",
        status="Statut",
        most="Note maximale",
        number="Numéro d'identification",
        username="Nom d'utilisateur",
    ),
    "Spanish": Titles(
        identifier="Identificador",
        grade="Calificación",
        modified="Última modificación (calificación)",
        name="Nombre completo",
        email="Dirección de correo",
        status="Estado",
        most="Calificación máxima",
        number="Número de ID",
        username="Nombre de usuario",
    ),
})  # fmt: skip


def titles_of(sheet: Sheet) -> Titles | None:
    """Return the titles that a table has; None for what is no worksheet."""
    return next((titles for titles in LANGUAGES.values() if titles.fits(sheet)), None)
