# Shared by the Makefiles that `sam build` runs, one in each folder that becomes an artefact.
#
# SAM's own builders ship no usable bytecode: they leave *.pyc out, and the timestamps in a zip (1980)
# would make ordinary ones stale, so that every cold start compiles everything again. Bytecode marked
# "unchecked-hash" is taken as it is, which is right here: nothing changes in a deployed artefact.
#
# It has to be made by the minor version that runs it. Where there is none the build goes on without.

PYENV_ROOT ?= $(HOME)/.pyenv
CANDIDATES := python3.13 $(wildcard $(PYENV_ROOT)/versions/3.13*/bin/python3.13)
RUNTIME    := $(firstword $(foreach c,$(CANDIDATES),$(shell $c -c 'print("$c")' 2>/dev/null)))

# $(call compile,FOLDER) - FOLDER is where Lambda unpacks the artefact: tracebacks name it, and two
# builds in two places are equal.
define compile
	find "$(ARTIFACTS_DIR)" -name __pycache__ -type d -prune -exec rm -rf {} +
	$(if $(RUNTIME),\
	  $(RUNTIME) -m compileall -q --invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p $(1) "$(ARTIFACTS_DIR)",\
	  @echo "No Python 3.13 on this machine: built WITHOUT bytecode, cold starts will be slow." >&2)
endef
