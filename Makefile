# make demo   grade a simulated class, end to end; EDITION=recording takes another edition
# make test   run the tests
# make check  lint, types, unit tests and one submission end to end: before each commit
# All of them do all the set-up themselves, once.
# make benchmark   measure throughput beside nbgrader; benchmarks/README.md

VENV := .venv
BIN := $(VENV)/bin
# Neighbours in the order of the files go to one process, which makes what they share once.
AT_ONCE := -n auto --dist worksteal
STAMP := $(VENV)/.installed

.PHONY: demo test check lint benchmark lower-bounds lock clean

demo: $(STAMP)
	$(BIN)/autograder demo $(if $(EDITION),--edition $(EDITION))

test: $(STAMP)
	$(BIN)/pytest $(AT_ONCE)

check: lint
	$(BIN)/pytest -q $(AT_ONCE) tests/unit
	$(BIN)/autograder run source/*/*.ipynb --fail-under 80 --format json > /dev/null

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check autograder benchmarks reference tests
	$(BIN)/mypy
	$(BIN)/codespell README.md CHANGELOG.md docs autograder source tests/public tests/hidden tests/mutants reference editions

benchmark: $(STAMP)
	$(BIN)/python -m benchmarks.throughput

# Every dependency at the lowest version that pyproject.toml allows.
LOWEST := .venv-lowest
lower-bounds: $(STAMP)
	$(BIN)/python -m venv --clear $(LOWEST)
	$(BIN)/python tests/lower_bounds.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/pip install --quiet --disable-pip-version-check --constraint $(LOWEST)/constraints.txt --editable '.[test]'
	$(LOWEST)/bin/pytest $(AT_ONCE) tests/unit tests/property tests/reference tests/integration/test_grading.py

# The versions and hashes that setup.sh installs, and those that go with a Gradescope or PrairieLearn bundle.
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock" pyproject.toml --extra build
lock: $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(COMPILE) --output-file autograder/ci/requirements.lock
	$(COMPILE) --extra test --extra dev --constraint autograder/ci/requirements.lock \
		--output-file requirements.lock

$(STAMP): pyproject.toml requirements.lock
	sh setup.sh $(VENV)
	touch $@

clean:
	rm -rf $(VENV) $(LOWEST) demo build dist *.egg-info
