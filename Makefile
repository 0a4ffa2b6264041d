# make forecast | test | check | lowest | checkov | build | glue | benchmark | notebook | docs | lock. Needs Python 3.11+, git and make; installs the rest into .venv.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv --no-python-downloads
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0
# Without bytecode every process of a test compiles again what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: forecast test check check-types check-template lowest checkov build glue benchmark notebook docs lock clean

forecast: .venv/ready
	$(BIN)/almanac forecast samples/australian_retail.csv --out forecast

test: check tests/pages/node_modules/ready
	$(BIN)/pytest -n 3 --dist worksteal

# axe-core, with which the tests look at our pages in Chromium. Where it cannot be had, those tests are skipped, saying so.
tests/pages/node_modules/ready: tests/pages/package-lock.json
	@command -v npm >/dev/null && npm ci --silent --ignore-scripts --fetch-retries 1 --prefix tests/pages && touch $@ \
		|| echo "axe-core was not installed; the tests of pages in a browser are skipped"

check: .venv/ready .venv-sam/ready
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(MAKE) --no-print-directory --jobs 2 check-types check-template

# Beside each other, since mypy takes as long as both looks of sam together.
check-types:
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
check-template:
	.venv-sam/bin/sam validate
	.venv-sam/bin/sam validate --lint

# The tests that depend most on other packages, and the wheel's own, with the lowest version that each range of
# [project] dependencies allows (`make test` has the highest). Not part of `make test`: another environment, some minutes.
LOWEST := .venv-lowest/bin/python
lowest: .venv/ready
	test -x $(LOWEST) || $(PYTHON) -m venv .venv-lowest
	$(UV) pip compile --quiet --resolution lowest-direct --python $(LOWEST) pyproject.toml -o .venv-lowest/lowest.txt
	$(UV) pip compile --quiet --python $(LOWEST) pyproject.toml --group development -c .venv-lowest/lowest.txt -o .venv-lowest/all.txt
	$(UV) pip sync --quiet --python $(LOWEST) .venv-lowest/all.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --python $(LOWEST) --editable .
	$(LOWEST) -m pytest -q tests/forecast_files tests/forecast_engine tests/local_aws/opening tests/project/test_package.py

# What checkov says of the template, held to the table of decision 0628. Not part of `make test`: 220 MB for one table.
checkov: .venv/ready .venv-checkov/ready
	$(BIN)/pytest -q tests/project/test_checkov.py

# Builds what `sam deploy` ships into .aws-sam/build; needs python3.13, the functions' runtime, but no Docker. The template
# that is built takes the architecture of its layers and no other: CloudFormation refuses to deploy it with another one.
ARCHITECTURE ?= arm64
BUILT := .aws-sam/build/template.yaml
build: .venv/ready .venv-sam/ready
	PYENV_VERSION=$${PYENV_VERSION:-$(BUILD_PYTHONS)} ARCHITECTURE=$(ARCHITECTURE) \
		.venv-sam/bin/sam build --parameter-overrides Architecture=$(ARCHITECTURE)
	awk -v built=$(ARCHITECTURE) '/^(  )?[A-Z]/ {on = /^  Architecture:/} on && /^    Default:/ {$$0 = "    Default: " built} \
		on && /^    - / && $$2 != built {next} {print}' $(BUILT) > $(BUILT).new && mv $(BUILT).new $(BUILT)

# pyenv shows python3.13 only when asked to; where there is no pyenv this is empty and harmless.
BUILD_PYTHONS = $(shell pyenv versions --bare 2>/dev/null | grep -E '^3\.(13|11)\.' | sort -t. -k2,2nr -k3,3nr | paste -sd: -)

# The Spark of Glue, 400 MB, for the embedded AWS and tests/glue; GLUE=6.0 installs that of the other version beside it.
GLUE ?= 5.1
glue: .venv-glue$(patsubst %,-%,$(filter-out 5.1,$(GLUE)))/ready

# Accuracy of what the pipeline publishes, of the engine alone next to its peers, its cost, and the verdict on the goals.
# Data sets that are files take part where FOLDER=... says where they lie. The figures stay in build/, for `verdict.py`.
FIGURES ?= build/benchmark.json
IN_FOLDER = $(if $(FOLDER),--folder "$(FOLDER)")
benchmark: .venv/ready
	mkdir -p $(dir $(FIGURES)) && rm -f $(FIGURES)
	$(BIN)/python benchmarks/published_accuracy.py
	$(BIN)/python benchmarks/engine_growth.py --sizes 30000 --figures $(FIGURES)
	$(BIN)/python benchmarks/closed_periods.py --figures $(FIGURES)
	$(if $(FOLDER),$(BIN)/python benchmarks/rolling_windows.py $(IN_FOLDER) --figures $(FIGURES))
	$(BIN)/python benchmarks/engine_accuracy.py all --peers --jobs 2 $(IN_FOLDER) --figures $(FIGURES)
	$(BIN)/python benchmarks/verdict.py $(FIGURES)

# The site of docs/ in build/site; a warning fails it (mkdocs.yml says `strict`). The command's help comes from .venv.
docs: .venv/ready .venv-docs/ready
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build

# The notebook on this machine: beside a running `almanac up`, or an embedded AWS that lasts as long as it. What is opened is
# a copy, to be scribbled on. STACK=... puts the files where the SageMaker instance of that stack finds them.
notebook: .venv/ready $(if $(STACK),,.venv-notebook/ready)
ifdef STACK
	$(BIN)/python notebooks/copy_to_stack.py $(STACK)
else
	test -e notebooks/my_analysis.ipynb || cp notebooks/one_time_analysis.ipynb notebooks/my_analysis.ipynb
	$(BIN)/almanac up -- .venv-notebook/bin/jupyter lab $(JUPYTER) notebooks/my_analysis.ipynb
endif

notebooks/one_time_analysis.ipynb: notebooks/one_time_analysis.py .venv/ready
	$(BIN)/jupytext --quiet --update --to ipynb $<

# Lists of what is locked: one per environment and one per layer. An old file is removed first, or its hashes are reused.
LOCK = $(UV) pip compile --quiet --universal --generate-hashes --no-header
# What an extra lists, without what `almanac` itself needs.
LISTED = $(BIN)/python -c 'import sys, tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"][sys.argv[1]], sep="\n")'
LOCKED := development docs sam awscli checkov glue glue-6.0 notebook runtime pipeline service openmp
# The layers have the versions of the development environment, but not the botocore that ministack pins (decision 0633).
SHARED := .venv/shared.txt
lock:
	rm -f $(LOCKED:%=requirements/%.txt)
	$(LOCK) --python-version 3.11 pyproject.toml --group development -o requirements/development.txt
	$(LOCK) --python-version 3.11 --group docs -o requirements/docs.txt
	$(LOCK) --python-version 3.11 --group sam -o requirements/sam.txt
	$(LOCK) --python-version 3.11 --group awscli -o requirements/awscli.txt
	$(LOCK) --python-version 3.11 --group checkov -o requirements/checkov.txt
	$(LISTED) notebook | $(LOCK) --python-version 3.11 - -c requirements/development.txt -o requirements/notebook.txt
	$(LISTED) glue | $(LOCK) --python-version 3.11 - -o requirements/glue.txt
	$(LISTED) glue-6-0 | $(LOCK) --python-version 3.11 - -o requirements/glue-6.0.txt
	$(LOCK) --python-version 3.13 --group runtime -c requirements/development.txt -o requirements/runtime.txt
	awk '/^[a-z]/ && !/^(boto3|botocore|s3transfer)==/ {sub(/ \\$$/, ""); print}' requirements/development.txt > $(SHARED)
	$(LOCK) --python-version 3.13 --group pipeline -c $(SHARED) -o requirements/pipeline.txt
	$(LOCK) --python-version 3.13 --group service -c $(SHARED) -o requirements/service.txt
	$(LOCK) --python-version 3.13 --group openmp --no-deps -o requirements/openmp.txt
	awk '/^uv==/ {on = 1} on && /^[a-z]/ && !/^uv==/ {exit} on && !/# via/ {print}' requirements/development.txt > requirements/uv.txt

# The stamps are newer than the locks once the environments hold exactly what the locks say.
.venv/ready: requirements/uv.txt requirements/development.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Almanac needs Python 3.11 or later, $(PYTHON) is " + sys.version.split()[0] + "; try make PYTHON=python3.13")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	$(UV) pip sync --quiet --require-hashes --compile-bytecode requirements/development.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'import lightgbm' || { echo "Almanac needs the OpenMP library beside LightGBM: apt-get install libgomp1, dnf install libgomp, or brew install libomp"; exit 1; }
	touch $@

# What Lambda itself brings: the runtime's Python and its client, nothing else.
.venv-runtime/ready: requirements/runtime.txt .venv/ready
	test -x .venv-runtime/bin/python || PYENV_VERSION=$${PYENV_VERSION:-$(BUILD_PYTHONS)} python3.13 -m venv .venv-runtime
	$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv-runtime/bin/python requirements/runtime.txt
	touch $@

.venv-%/ready: requirements/%.txt .venv/ready
	test -x .venv-$*/bin/python || $(PYTHON) -m venv .venv-$*
	$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv-$*/bin/python requirements/$*.txt
	touch $@

clean:
	rm -rf .venv .venv-docs .venv-lowest .venv-sam .venv-awscli .venv-checkov .venv-glue .venv-glue-6.0 .venv-runtime .venv-notebook .aws-sam forecast tests/pages/node_modules
