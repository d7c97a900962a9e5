# make run    starts a whole branch on this machine and says where to look
# make test   runs everything
# make images       bootable disks of the branch server, the kiosk and the display, in build/images
# make test-images  builds them and boots them in virtual machines (half an hour)
# make lint   style, types, architecture
# make bench  figures, each as a ratio to a floor measured in the same run
# make soak   a simulated month of kiosk and TV: memory, threads, open files (an hour)
# make torture  the long versions of the tests: 200 kills each, deep properties
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN ?= .run

.PHONY: run test images test-images lint bench soak torture lock clean

run: $(VENV)/.installed
	@$(BIN)/python -m foleni demo --data $(RUN) --setup example-branch.toml

# Most tests wait for other programs most of the time, so six go on at once; files stay whole, because a file shares a branch.
# What fails is tried again, and listed: docs/decisions/what-runs-when.md.
test: $(VENV)/.installed-dev
	$(BIN)/pytest -n 6 --dist loadfile --no-loadscope-reorder --reruns 2 -rR

images: $(VENV)/.installed-images
	PYTHON=$(BIN)/python images/build

test-images: images
	$(BIN)/pytest tests/images --timeout 1800 -v

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

soak: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks month

torture: $(VENV)/.installed-dev
	FOLENI_THOROUGH=1 FOLENI_KILLS=200 FOLENI_TAKEOVERS=50 HYPOTHESIS_PROFILE=deep $(BIN)/pytest --timeout 1800

$(VENV)/.installed: requirements.lock setup.cfg tools/install
	PYTHON=$(PYTHON) tools/install $(VENV) requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock setup.cfg tools/install
	PYTHON=$(PYTHON) tools/install $(VENV) requirements-dev.lock tests
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-images: requirements-dev.lock setup.cfg tools/install
	PYTHON=$(PYTHON) tools/install $(VENV) requirements-dev.lock images
	@touch $@

# The lock files are made anew from setup.cfg: the only step that looks for newer versions.
COMPILE := $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-options --no-header --extra build,web,kiosk,display,counter,cloud

lock:
	$(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet pip-tools
	$(COMPILE) -o requirements.lock setup.cfg
	$(COMPILE) --extra dev -o requirements-dev.lock setup.cfg

clean:
	rm -rf $(VENV) $(RUN) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
