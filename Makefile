# make demo   grade a simulated class, end to end
# make test   run the tests
# Both do all the set-up themselves, once.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint clean

demo: $(STAMP)
	$(BIN)/autograder demo

test: $(STAMP)
	$(BIN)/pytest -n auto

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check autograder reference tests
	$(BIN)/mypy

$(STAMP): pyproject.toml
	sh setup.sh $(VENV)
	touch $@

clean:
	rm -rf $(VENV) demo build dist *.egg-info
