#!/usr/bin/env bash
# Recompiles the locks from pyproject.toml; arguments go to uv, such as --upgrade or --upgrade-package NAME.
# No lock names a registry; torch is pinned by version alone, because which build fits depends on the machine.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
options=(--quiet --no-header --generate-hashes --python-version 3.11 --no-emit-find-links --no-emit-index-url)
gpu=(torch triton cuda-bindings cuda-pathfinder cuda-toolkit)
skip=()
cat requirements/dev.txt requirements/torch.txt > requirements/.all.txt # what is pinned stays unless --upgrade is asked for
"$uv" pip compile "${options[@]}" "$@" pyproject.toml --group dev -o requirements/.all.txt
while read -r name; do gpu+=("$name"); done < <(grep -oE '^nvidia-[a-z0-9-]+' requirements/.all.txt)
for name in "${gpu[@]}"; do skip+=(--no-emit-package "$name"); done
"$uv" pip compile "${options[@]}" "$@" "${skip[@]}" pyproject.toml -o requirements/runtime.txt
"$uv" pip compile "${options[@]}" "$@" "${skip[@]}" pyproject.toml --group dev -o requirements/dev.txt
"$uv" pip compile "${options[@]}" "$@" --group airflow -o requirements/airflow.txt
"$uv" pip compile "${options[@]}" "$@" --no-deps --group stores -o requirements/stores.txt # their programs only
echo 'uv==0.13.8' | "$uv" pip compile "${options[@]}" --no-annotate - -o requirements/uv.txt
grep -oE '^torch==[0-9.]+' requirements/.all.txt > requirements/torch.txt
rm requirements/.all.txt
