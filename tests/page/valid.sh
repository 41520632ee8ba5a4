#!/usr/bin/env bash
# valid.sh CPPROF SOURCE: what -html writes is valid HTML, hostile names and all, by html-validate. Run where
# node_modules is. 77: it is not there.
set -eu
[ -x node_modules/.bin/html-validate ] || { echo "skipped: npm has not installed html-validate (page_npm does)"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
profiles=$2/fixtures/profiles
for file in "$profiles"/go/*.pb.gz "$profiles"/made/*.pb.gz; do
    "$1" -symbolize=none -html -output="$scratch/$(basename "$file").html" "$file" 2>"$scratch/said" || true
done
"$1" -symbolize=none -html -output="$scratch/both.html" -diff_base="$profiles/made/base_run.pb.gz" "$profiles/made/new_run.pb.gz" 2>"$scratch/said"
n=$(find "$scratch" -name '*.html' | wc -l)
echo "$n files"
[ "$n" -gt 40 ]
# The style and the script are in the file: that is what it is for.
echo '{"extends": ["html-validate:standard"], "rules": {"require-csp-nonce": "off", "require-sri": "off"}}' >"$scratch/rules.json"
node_modules/.bin/html-validate --config "$scratch/rules.json" --max-warnings 0 "$scratch"/*.html
