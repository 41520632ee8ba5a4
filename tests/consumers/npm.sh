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
# A lock that lacks the packages for other systems, as where a registry does not serve them, is none for `npm ci`.
flags="--ignore-scripts --no-audit --no-fund --no-update-notifier"
npm ci $flags || npm install $flags || {
    rm -f package-lock.json
    exit 1
}
cp "$here/package-lock.json" .
