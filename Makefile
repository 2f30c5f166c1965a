# `make run` and `make test` do all of their own set-up on a fresh machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Test processes at once, more than cores, as tests also wait; each has a database server, a browser and a few hundred megabytes of its own.
TEST_PROCESSES ?= 3

TEXTS := -k t -k tn:1,2 -k tp:1c,2 -k mark -k tr

# The documents as a site in build/site; a link that leads nowhere fails the build.
site: install
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "The site is in build/site"

.PHONY: site texts run test lint check coverage install install-test warm system-packages wheel licences bill clean

run: warm
	@$(BIN)/shopwright demo --if-missing
	@echo
	@echo "Shopwright is at http://127.0.0.1:8501  (stop it with Ctrl-C)"
	@echo
	@exec env FORWARDED_ALLOW_IPS= $(BIN)/streamlit run dashboard/app.py

# Side by side what does not wait for each other: downloads and Debian packages, then the compiler of the kernels and the linters.
test:
	@$(MAKE) --no-print-directory -j2 install-test system-packages
	@$(MAKE) --no-print-directory -j2 warm lint
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder --durations=25

lint: install-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# The quick loop while developing: no browser, no database server, none of the tests marked slow. Under two minutes on two cores.
check: install-test
	@$(MAKE) --no-print-directory -j2 warm lint
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal -m "not browser and not mariadb and not postgresql and not slow"

# What share of the lines the quick tests run; compiled functions count as not run.
coverage: install-test warm
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal -m "not browser and not mariadb and not postgresql and not slow" \
		--cov=scheduler_core --cov=dashboard --cov-report=term:skip-covered --cov-report=html:build/coverage \
		--cov-report=xml:build/coverage.xml
	@echo "Line by line: build/coverage/index.html"

install: $(VENV)/.installed
install-test: $(VENV)/.installed-test

# constraints.txt pins what the tests passed with. torch goes first and alone: any other requirement that names it would
# be satisfied by a build several times its size.
$(VENV)/.installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null  # an environment that uv made
	@echo "Installing (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Brings new texts of the pages into the catalogues, empty, to be translated: docs/translating.md.
texts: install
	@mkdir -p build
	@$(BIN)/pybabel -q extract -F babel.cfg $(TEXTS) --add-location=file -o build/texts.pot .
	@for file in scheduler_core/i18n/translations/*.po; do \
		$(BIN)/pybabel -q update -i build/texts.pot -o $$file -l $$(basename $$file .po) -w 125 \
			--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; \
	done
	@$(BIN)/python -m pytest -q tests/test_translations.py

# The package for an installation outside this folder: docs/settings.md.
wheel: install-test
	@mkdir -p build/dist
	@$(BIN)/python -c "from setuptools import build_meta; build_meta.build_sdist('build/dist')" >/dev/null
	@rm -rf build/from-source && mkdir -p build/from-source && tar xzf $$(ls -t build/dist/*.tar.gz | head -1) -C build/from-source
	@cd build/from-source/* && $(CURDIR)/$(BIN)/python -c \
		"from setuptools import build_meta; build_meta.build_wheel('$(CURDIR)/build/dist')" >/dev/null
	@ls build/dist/*.whl

# The bill of materials (CycloneDX) in build/, and whether every dependency has a licence that is allowed. Its tool has an
# environment of its own, so that it is no part of what it lists.
licences bill: install build/bill-tool/.installed
	@build/bill-tool/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible \
		--output-file build/environment.json
	@$(BIN)/python -m bill_of_materials build/environment.json build/bill-of-materials.json

build/bill-tool/.installed: bill_of_materials/requirements.txt
	@test -x build/bill-tool/bin/python || $(PYTHON) -m venv build/bill-tool
	@build/bill-tool/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

# Compiles the kernels once; later starts load them from the cache.
warm: install
	@$(BIN)/shopwright warm

# The browser and the database server of the tests, where this user may install Debian packages; without them those tests
# skip and say why (with CI=true they fail).
system-packages:
	@sh tests/install_system_packages.sh

clean:
	rm -rf $(VENV) build *.egg-info scheduler_core/__pycache__
