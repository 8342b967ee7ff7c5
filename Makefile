# make demo   grade a simulated class, end to end
# make test   run the tests
# Both do all the set-up themselves, once.
# make benchmark   measure throughput beside nbgrader; benchmarks/README.md

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint benchmark lower-bounds clean

demo: $(STAMP)
	$(BIN)/autograder demo

test: $(STAMP)
	$(BIN)/pytest -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check autograder benchmarks reference tests
	$(BIN)/mypy

benchmark: $(STAMP)
	$(BIN)/python -m benchmarks.throughput

# Every dependency at the lowest version that pyproject.toml allows.
LOWEST := .venv-lowest
lower-bounds: $(STAMP)
	$(BIN)/python -m venv --clear $(LOWEST)
	$(BIN)/python tests/lower_bounds.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/pip install --quiet --disable-pip-version-check --constraint $(LOWEST)/constraints.txt --editable '.[test]'
	$(LOWEST)/bin/pytest -n auto tests/unit tests/property tests/reference tests/integration/test_grading.py

$(STAMP): pyproject.toml
	sh setup.sh $(VENV)
	touch $@

clean:
	rm -rf $(VENV) $(LOWEST) demo build dist *.egg-info
