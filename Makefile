# Two environments, because the demo proves that the main job needs no PyTorch, and the tests train with it.
# Each is stamped with a checksum of what it was installed from: unchanged, nothing is installed and no network is used.

PYTHON ?= python3
STAMP := installed-$(shell cat pyproject.toml constraints.txt | cksum | cut -d ' ' -f 1)
DEMO := .venv/$(STAMP)
DEV := .venv-test/$(STAMP)
BIN := .venv-test/bin

.PHONY: demo test check tools docs clean

demo: $(DEMO)
	.venv/bin/lumbardisc demo -o demo

test: check tools
	LUMBARDISC_TOOLS=required $(BIN)/pytest

# Orthanc, dcmtk and dicom3tools, from Debian's packages; a developer's own pytest skips what needs them and says so
tools:
	scripts/install-tools.sh

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest tests/test_imports.py tests/test_docs.py

docs: $(DEV)
	$(BIN)/python scripts/reference.py

clean:
	rm -rf .venv .venv-test .mypy_cache .ruff_cache .pytest_cache .hypothesis demo

$(DEMO):
	$(PYTHON) -m venv .venv
	.venv/bin/pip install -q -c constraints.txt -e .
	rm -f $(@D)/installed-*
	touch $@

# PyTorch first and alone: pip then keeps this build, and a CPU build brings no GPU libraries
$(DEV):
	$(PYTHON) -m venv .venv-test
	$(BIN)/pip install -q -c constraints.txt torch
	$(BIN)/pip install -q -c constraints.txt -e '.[train,evaluate,registration,cluster,cohort,dev]'
	rm -f $(@D)/installed-*
	touch $@
