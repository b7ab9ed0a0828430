# What a learner or contributor runs. The first call makes .venv and installs there; later calls
# install again only when pyproject.toml or constraints.txt has changed.
PYTHON ?= python3
# More options for JupyterLab:  make lab LAB="--no-browser --port=9999"
LAB ?=
# The language of lessons and messages:  make lab EDITION=zh
EDITION ?= en
FOLDER = $(if $(filter-out en,$(EDITION)),$(EDITION)/)
RUN = .venv/bin/python -m

.PHONY: lab demo quick test test-long bench site lint clean hub-proxy axe

# Opens the course in the browser; the server answers this machine only, and asks for its token.
lab: .venv/lab.done
	$(if $(FOLDER),.venv/bin/python tools/notebooks.py translate $(EDITION))
	$(if $(FOLDER),CGAN_LAB_LANG=$(EDITION)) $(RUN) jupyterlab --ip=127.0.0.1 --LabApp.extra_labextensions_path=tools/labextensions --LabApp.default_url=/lab/tree/notebooks/$(FOLDER)00_start_here.ipynb $(LAB)

# Trains the default conditional GAN on the shipped digits, judges it and draws ten rows of its digits.
demo: .venv/lab.done
	$(RUN) cgan_lab train --data digits --recipe dense --epochs 100 --seed 0 --out runs/demo
	$(RUN) cgan_lab evaluate runs/demo
	$(RUN) cgan_lab sample runs/demo --png runs/demo/grid.png

# Under two minutes: lint, and the tests that train nothing and take seconds. Before each commit.
quick: lint
	$(RUN) pytest tests -m quick

# All that a change can break, every notebook included.
test: .venv/test.done
	$(RUN) pytest -m "not long"

# What takes minutes: kills, hub, browser, mutants of assignments, soak, the clinic's repairs.
test-long: .venv/test.done
	$(RUN) pytest tests -m long

# Measures speed and label agreement; the tables stand in benchmarks/README.md.
bench: .venv/bench.done
	.venv/bin/python benchmarks/speed.py --out benchmarks/results/speed.json
	.venv/bin/python benchmarks/cost.py
	.venv/bin/python benchmarks/controls.py --out benchmarks/results/controls.json
	.venv/bin/python benchmarks/table.py agreement --rows dense,article

# The lessons as pages, to read in any browser without Python, server or network: build/site/index.html.
site: .venv/site.done
	$(RUN) tools.site.build

lint: .venv/test.done
	$(RUN) ruff check .
	$(RUN) ruff format --check .

# Removes what installing made; what you trained stays in runs/.
clean:
	rm -rf .venv build *.egg-info

# JupyterHub's proxy, from npm, where tools/hub looks for it. Only a class server and the test of one need it. 5.1 is
# the last that runs on Debian 12's Node 18.
hub-proxy: .venv/hub-proxy/package.json

.venv/hub-proxy/package.json: | .venv/bin/pip
	npm install --no-audit --no-fund --prefix .venv/hub-proxy configurable-http-proxy@5.1.0

# axe-core, from npm, which finds what keeps people out of a page. Only the test of the lessons' pages needs it.
axe: .venv/axe/package.json

.venv/axe/package.json: | .venv/bin/pip
	npm install --no-audit --no-fund --prefix .venv/axe axe-core@4.14.1

# .venv/NAME.done is the time at which the extra NAME of pyproject.toml was installed.
.venv/%.done: pyproject.toml constraints.txt | .venv/bin/pip
	$(RUN) pip install -q --disable-pip-version-check -c constraints.txt -e ".[$*]"
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("CGAN Lab needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d. Name another one: make lab PYTHON=python3.12" % v)'
	$(PYTHON) -m venv .venv
