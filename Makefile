# Two commands: `make demo` shows the main job on a local sandbox, `make test` checks everything.
# Only Python ≥ 3.11 and make are needed; PYTHON=python3.12 chooses another interpreter.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PAIR := .venv-pair
FOIS ?= 3

.PHONY: demo test soak fuzz captures check supply bench bench-complet format lock wheelhouse clean

demo: $(READY)
	$(BIN)/connector demo

test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(PYTEST_ARGS)

# Long proofs, outside CI: every death at every write, ten thousand dossiers under faults, long random lives.
soak: $(READY)
	$(BIN)/python -m pytest -m soak -p no:cacheprovider -q $(PYTEST_ARGS)

# Every door of the program, given anything at all, FUZZ_MINUTES each, FUZZ_P at a time; what fails is kept in
# tests/fuzz/exemples, which CI replays. FUZZ="ds imports" chooses among them.
FUZZ_MINUTES ?= 10
FUZZ_P ?= 1
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz.lancer --minutes $(FUZZ_MINUTES) --de-front $(FUZZ_P) $(FUZZ)

# The pictures of the instructors' guide, taken again: Chromium is needed.
captures: $(READY)
	$(BIN)/python docs/captures.py

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is known against our dependencies, their licences, and what a release is made of. Left out of bandit's rules: an
# assertion for the type checker (B101), « n. p. » taken for a password (B105), SQL over our own table names (B608).
# A finding fails; a service that cannot be reached, or knows nothing of a dependency, is said, and does not.
INJOIGNABLE := connection|timed out|max retries|name resolution|unreachable|service unavailable|bad gateway
supply: $(READY)
	mkdir -p dist
	$(BIN)/bandit -q -r connector --skip B101,B105,B608
	@rm -f dist/audit.json
	@if $(BIN)/pip-audit --requirement requirements.lock --require-hashes --disable-pip --progress-spinner off \
	  --format json --output dist/audit.json 2> dist/audit.txt; then \
	  sautees=$$(grep -o '"skip_reason"' dist/audit.json | wc -l); \
	  if test $$sautees -eq 0; then echo "pip-audit : rien de connu contre nos dépendances."; \
	  else echo "pip-audit : $$sautees dépendances NON VÉRIFIÉES, que le registre interrogé ne connaît pas." >&2; fi; \
	else cat dist/audit.txt >&2; test ! -e dist/audit.json && grep -Eqi '$(INJOIGNABLE)' dist/audit.txt \
	  && echo "pip-audit : service injoignable, vulnérabilités NON VÉRIFIÉES cette fois." >&2; fi
	$(BIN)/pip-licenses --format=markdown --output-file=dist/licences.md
	$(BIN)/cyclonedx-py requirements requirements.lock --output-format JSON --output-file dist/sbom.json

# What it costs beside a bare loop on the same pages, and beside demarches-simpy: less than a quarter of an hour.
bench: $(READY) $(PAIR)/.ready
	$(BIN)/python benchmarks/demarrage.py
	$(BIN)/python benchmarks/run.py --tailles 1000,10000 --fois $(FOIS) --latence 1000 --pair $(PAIR)/bin/python

# Every size, on a quiet machine: an hour, 6 GB of disk. It writes its tables in both README.
bench-complet: $(READY) $(PAIR)/.ready
	$(BIN)/python benchmarks/demarrage.py
	$(BIN)/python benchmarks/run.py --tailles 1000,10000 --une-fois 50000,100000 --fois $(FOIS) --latence 5000 --pair $(PAIR)/bin/python --pair-tailles 1000,10000 --readme

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The one locked set of versions, with hashes, for every Python this project supports; then the part of it that runs.
lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra geo --extra alertes --extra pieces --group dev --no-annotate --no-header -o requirements.lock pyproject.toml
	echo demarches-simpy==0.0.18 | $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate --no-header -o benchmarks/pair.lock -
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra geo --extra alertes --extra pieces --constraint requirements.lock --no-annotate --no-header -o requirements.runtime.lock pyproject.toml

# All that a machine without a registry needs, for this Python and this kind of machine:
#   python3 -m venv /opt/connecteur && /opt/connecteur/bin/pip install --no-index --find-links wheelhouse 'ds-connector[geo,alertes,pieces]'
wheelhouse: $(READY)
	rm -rf wheelhouse
	$(BIN)/python -m pip download --quiet --require-hashes --only-binary :all: --dest wheelhouse --requirement requirements.runtime.lock
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir wheelhouse .
	cp requirements.runtime.lock wheelhouse/requirements.lock
	$(BIN)/cyclonedx-py requirements requirements.runtime.lock --output-format JSON --output-file wheelhouse/sbom.json
	$(BIN)/pip-licenses --format=markdown --with-urls --output-file=wheelhouse/licences.md \
	  --packages $$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/\1/p' requirements.runtime.lock)
	cd wheelhouse && sha256sum *.whl sbom.json licences.md requirements.lock > SHA256SUMS

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 ou plus récent est nécessaire (PYTHON=python3.12 make …)."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# The peer that the benchmark compares with, apart from everything of ours.
$(PAIR)/.ready: benchmarks/pair.lock
	$(PYTHON) -m venv $(PAIR)
	$(PAIR)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/pair.lock
	@touch $@

clean:
	rm -rf $(VENV) $(PAIR) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* dist wheelhouse
