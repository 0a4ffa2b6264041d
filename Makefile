# make forecast | test | check | build | benchmark | lock. Needs Python 3.11+, git and make; installs the rest into .venv.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv --no-python-downloads
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0

.PHONY: forecast test check lock clean

# The stamp is newer than the lock once the environment holds exactly what the lock says.
.venv/ready: requirements/uv.txt requirements/development.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	$(UV) pip sync --quiet --require-hashes requirements/development.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv .venv-sam .venv-awscli .aws-sam forecast
