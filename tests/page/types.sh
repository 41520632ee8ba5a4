#!/usr/bin/env bash
# types.sh SOURCE: the types of the page's modules, as their comments say, hold: tsc --checkJs. Run where
# node_modules is. 77: it is not there.
set -eu
[ -x node_modules/.bin/tsc ] || { echo "skipped: npm has not installed typescript (page_npm does)"; exit 77; }
exec node_modules/.bin/tsc --checkJs --allowJs --noEmit --target es2022 --module es2022 --moduleResolution bundler \
    --lib es2023,dom,dom.iterable "$1"/src/web/*.js
