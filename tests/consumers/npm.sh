# npm.sh [FOLDER]: installs the packages of the package-lock.json beside this, or in FOLDER, into the folder
# where it stands. 77: no npm here.
set -eu
here=$(cd "${1:-$(dirname "$0")}" && pwd)
command -v npm >/dev/null || { echo "skipped: no npm here"; exit 77; }
if cmp -s "$here/package-lock.json" package-lock.json && [ -d node_modules ]; then
    echo "up to date"
    exit
fi
rm -rf node_modules
cp "$here/package.json" .
cp "$here/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier || {
    rm -f package-lock.json
    exit 1
}
