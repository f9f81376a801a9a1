# Zwei Befehle genügen: make demo richtet alles ein und zeigt es, make test richtet alles ein und prüft es.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FERTIG := $(VENV)/.fertig

.PHONY: demo kommonitor-demo test typen tests einrichten serve lab lock sauber

demo: einrichten
	$(BIN)/sozialanalyse demo

# Ein erfundenes KomMonitor starten, daraus eine Region anlegen, abrufen, Typen zurückschreiben und den Plan zeigen.
kommonitor-demo: einrichten
	$(BIN)/python tests/kommonitor/demo.py

test: einrichten
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m compileall -q sozialanalyse
	@$(MAKE) --no-print-directory -j 2 typen tests

# mypy rechnet auf einem Kern, während Chromium eingerichtet wird und die Tests beginnen.
typen: einrichten
	$(BIN)/mypy

# Drei auf zwei Kernen: meist wartet einer auf einen Dienst oder den Browser.
tests: einrichten chromium
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

einrichten: $(FERTIG)

$(FERTIG): requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; assert sys.version_info >= (3, 11), 'Python 3.11 oder neuer wird gebraucht.'"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	awk '/^[^ ]/ {mine = /^uv==/} mine' requirements.lock > $(VENV)/uv.txt
	$(BIN)/pip install --quiet --require-hashes -r $(VENV)/uv.txt
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

# Die Seiten werden in Chromium geprüft; ohne Fenster (headless shell) braucht es halb so viel Rechenzeit. Auf Debian richtet es sich hier ein.
.PHONY: chromium
chromium:
	@command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    apt-get update -qq; export DEBIAN_FRONTEND=noninteractive; \
	    apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-liberation >/dev/null 2>&1 \
	      || apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; \
	  else echo "Chromium fehlt; die Browser-Tests werden übersprungen (apt install chromium-headless-shell)."; fi; }

serve: einrichten
	$(BIN)/sozialanalyse serve --browser

lab: einrichten
	$(BIN)/sozialanalyse lab

# Versionen festschreiben: Prüfsummen ja, Adressen von Paketquellen nein; LOCK=--upgrade nimmt die neuesten.
lock: einrichten
	$(BIN)/uv pip compile --quiet $(LOCK) --extra dev --generate-hashes --strip-extras --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
	  --output-file requirements.lock pyproject.toml

# Halten die unteren Schranken in pyproject.toml? Die ältesten Fassungen, die sie erlauben, in eigener Umgebung; die schnellen Tests.
.PHONY: mindestversionen
MINDEST := build/mindestversionen
mindestversionen: einrichten
	mkdir -p $(MINDEST)
	$(BIN)/uv pip compile --quiet --extra dev --strip-extras --resolution lowest-direct --python-version 3.11 \
	  --no-header --no-annotate --output-file $(MINDEST)/fassungen.txt pyproject.toml
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(MINDEST)/umgebung
	$(BIN)/uv pip install --quiet --python $(MINDEST)/umgebung/bin/python -r $(MINDEST)/fassungen.txt
	$(BIN)/uv pip install --quiet --python $(MINDEST)/umgebung/bin/python --no-deps --no-build-isolation -e .
	$(MINDEST)/umgebung/bin/python -m pytest -m "not langsam and not browser and not realdaten" -W default

sauber:
	rm -rf $(VENV) $(MINDEST) data/bestand data/ergebnisse data/zwischenspeicher
