# What a learner or contributor runs. The first call makes .venv and installs there; later calls
# install again only when pyproject.toml or constraints.txt has changed.
PYTHON ?= python3
# More options for JupyterLab:  make lab LAB="--no-browser --port=9999"
LAB ?=
RUN = .venv/bin/python -m

.PHONY: lab test lint clean

# Opens the course in the browser; the server answers this machine only, and asks for its token.
lab: .venv/lab.done
	$(RUN) jupyterlab --ip=127.0.0.1 --LabApp.default_url=/lab/tree/notebooks/01_the_minimax_objective.ipynb $(LAB)

# Lints, runs every test and every notebook, in one pytest run.
test: .venv/test.done
	$(RUN) pytest

lint: .venv/test.done
	$(RUN) ruff check .
	$(RUN) ruff format --check .

# Removes what installing made; what you trained stays in runs/.
clean:
	rm -rf .venv build *.egg-info

# .venv/NAME.done is the time at which the extra NAME of pyproject.toml was installed.
.venv/%.done: pyproject.toml constraints.txt | .venv/bin/pip
	$(RUN) pip install -q --disable-pip-version-check -c constraints.txt -e ".[$*]"
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("CGAN Lab needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d. Name another one: make lab PYTHON=python3.12" % v)'
	$(PYTHON) -m venv .venv
