"""What the audit found: kill rates, survivors, and where each mistake shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set

from autograder.audit.killing import Kill
from autograder.audit.mutants import ENGINE
from autograder.config import Config
from autograder.grading.diagnosis.claim import CLAIMED
from autograder.model import EXTRA_CREDIT, Record
from autograder.operations import operations


class Rate(Record, frozen=True):
    """How many of some mutants were killed."""

    name: str
    killed: int
    total: int

    @property
    def percent(self) -> float:
        """Share in percent; 100 of nothing."""
        return 100.0 if not self.total else 100.0 * self.killed / self.total


class FalseClaim(Record, frozen=True):
    """A diagnosis that blames a rule or the engine for somebody else's mistake."""

    mutant: str
    parts: tuple[str, ...]
    check: str
    diagnosis: str
    blamed: str


class Findings(Record, frozen=True):
    """The audit's report.

    Attributes
    ----------
    families
        Kill rate of each family, equivalent mutants left out.
    by_check, by_kind
        How many mutants each check, and each kind of check, killed.
    survivors
        Mutants that keep full marks and are not declared equivalent.
    not_equivalent
        Mutants that are declared equivalent and lose points all the same.
    equivalent
        How many mutants are declared equivalent.
    localised
        Mutants of one Checkpoint 1 rule that lose points there and in no other Checkpoint 1 rule.
    spared
        Engine mistakes that cost nothing in Checkpoint 1.
    noticed
        Catalogue mutants that lose points in the very check that the catalogue names.
    rules, engines
        The catalogue's two parts.
    named, misnamed
        Mutants of each family whose diagnosis names the mistake, in the check that is about it; the
        others.
    truthful, false_claims
        Mutants of each family of which no diagnosis blames another part than one that is changed,
        nor says what the corpus knows to be false; what was said of the others.
    """

    families: tuple[Rate, ...]
    by_check: tuple[tuple[str, int], ...]
    by_kind: tuple[tuple[str, int], ...]
    survivors: tuple[Kill, ...]
    not_equivalent: tuple[Kill, ...]
    equivalent: int
    localised: Rate
    spared: Rate
    noticed: Rate
    rules: Rate
    engines: Rate
    named: tuple[Rate, ...]
    truthful: tuple[Rate, ...]
    false_claims: tuple[FalseClaim, ...]
    misnamed: tuple[Kill, ...]


FAMILIES = ("catalogue", "pairs", "slips", "mechanical")


def summarise(kills: Sequence[Kill], config: Config, timed: set[str]) -> Findings:
    """Count.

    Parameters
    ----------
    timed
        Checks with a budget of processor time: they kill, and are left out of the counts by check
        and by kind, which must be the same on every machine.
    """
    real = [kill for kill in kills if not kill.sample.proof]
    own = [kill for kill in real if kill.sample.family == "catalogue"]
    declared = [kill for kill in kills if kill.sample.proof]
    counted = [[check for check in kill.lost if check not in timed] for kill in real]
    by_check = Counter(check for lost in counted for check in lost)
    kinds = {check.id: check.kind for check in config.all_checks}
    by_kind = Counter(kind for lost in counted for kind in {kinds[check] for check in lost})
    engine = _engine_checks(config)
    return Findings(
        families=tuple(_family(name, real) for name in FAMILIES),
        by_check=tuple(
            (check.id, by_check[check.id]) for check in config.all_checks if check.id not in timed
        ),
        by_kind=tuple(sorted(by_kind.items(), key=lambda item: -item[1])),
        survivors=tuple(kill for kill in real if not kill.killed),
        not_equivalent=tuple(kill for kill in declared if kill.killed),
        equivalent=len(declared),
        localised=_localised(own, config),
        spared=_spared(own, config),
        noticed=_noticed(own),
        rules=_catalogue("wrong gradient rules of the catalogue", real, engine, engine=False),
        engines=_catalogue("wrong engines of the catalogue", real, engine, engine=True),
        named=tuple(_named(name, real) for name in ("catalogue", "slips")),
        truthful=tuple(_truthful(name, real) for name in FAMILIES),
        false_claims=tuple(claim for kill in real for claim in _false_claims(kill)),
        misnamed=tuple(kill for kill in real if kill.sample.named and not _is_named(kill)),
    )


def _family(name: str, kills: Sequence[Kill]) -> Rate:
    own = [kill for kill in kills if kill.sample.family == name]
    return Rate(name, sum(kill.killed for kill in own), len(own))


def _catalogue(name: str, kills: Sequence[Kill], checks: Set[str], *, engine: bool) -> Rate:
    own = [
        kill
        for kill in kills
        if kill.sample.family == "catalogue" and (kill.sample.check in checks) == engine
    ]
    return Rate(name, sum(kill.killed for kill in own), len(own))


def _engine_checks(config: Config) -> set[str]:
    """Return the checks of the second checkpoint that test no operation's own rule."""
    of_rules = {check for one in operations().values() for check in (*one.checks, *one.also_tested)}
    second = {check.id for check in config.checks if check.checkpoint == "checkpoint-2"}
    return second - of_rules


def _first(config: Config) -> set[str]:
    return {check.id for check in config.checks if check.checkpoint == "checkpoint-1"}


def _operations_of() -> dict[str, str]:
    """Return the operation whose rule a check is about, by the check's id; the others lack one."""
    declared = operations()
    return {check: name for name, one in declared.items() for check in one.checks}


def _localised(kills: Sequence[Kill], config: Config) -> Rate:
    """Count catalogue mutants of a Checkpoint 1 rule, by checks that are about one rule."""
    about = _operations_of()
    own = {check: about[check] for check in _first(config) if check in about}
    rules = [kill for kill in kills if kill.sample.check in own]
    kept = 0
    for kill in rules:
        lost = {own[check] for check in kill.lost if check in own}
        kept += lost == {own[kill.sample.check]}
    return Rate("a rule's mistake stays with that rule", kept, len(rules))


def _spared(kills: Sequence[Kill], config: Config) -> Rate:
    first = _first(config)
    extra = {check.id for check in config.all_checks if check.checkpoint == EXTRA_CREDIT}
    engine = [
        kill
        for kill in kills
        if kill.sample.check and kill.sample.check not in first and kill.sample.check not in extra
    ]
    kept = sum(not first & set(kill.lost) for kill in engine)
    return Rate("an engine's mistake spares Checkpoint 1", kept, len(engine))


def _noticed(kills: Sequence[Kill]) -> Rate:
    named = [kill for kill in kills if kill.sample.check]
    hit = sum(kill.sample.check in kill.lost for kill in named)
    return Rate("noticed by the check that is about it", hit, len(named))


def _named(family: str, kills: Sequence[Kill]) -> Rate:
    own = [kill for kill in kills if kill.sample.named and kill.sample.family == family]
    return Rate(f"{family}: told which mistake it is", sum(map(_is_named, own)), len(own))


def _is_named(kill: Kill) -> bool:
    """Tell whether the diagnosis of the check that is about it, else the first, names it."""
    first = next((kill.told[check] for check in kill.lost if check in kill.told), None)
    told = kill.told.get(kill.sample.check, first)
    return told is not None and told.id in kill.sample.named


def _truthful(family: str, kills: Sequence[Kill]) -> Rate:
    own = [kill for kill in kills if kill.sample.family == family]
    return Rate(
        f"{family}: told nothing false", sum(not _false_claims(kill) for kill in own), len(own)
    )


def _false_claims(kill: Kill) -> list[FalseClaim]:
    """Return the claims that blame a part which is not changed, and what is known to be false."""
    return [
        FalseClaim(
            mutant=kill.sample.name,
            parts=kill.sample.parts,
            check=check,
            diagnosis=told.id,
            blamed=told.rule or ENGINE,
        )
        for check, told in kill.told.items()
        if (told.sure in CLAIMED and (told.rule or ENGINE) not in kill.sample.parts)
        or any(text in told.message for text in kill.sample.never)
    ]
