# What is installed: the program, its manual page and its completion, with nothing built but the program.
. "$(dirname "$0")/lib.sh"
build=$(dirname "$cpprof")
if [ -e "$build/build.ninja" ]; then
    check 'who builds the program has its manual page' \
        bash -c 'ninja -C "$0" -t commands cpprof | grep -q -e "-man > "' "$build"
fi
check 'installs' cmake --install "$build" --prefix "$PWD/to" >/dev/null
for file in bin/cpprof share/man/man1/cpprof.1 share/bash-completion/completions/cpprof \
    share/zsh/site-functions/_cpprof share/fish/vendor_completions.d/cpprof.fish; do
    check "$file" [ -s "to/$file" ]
done
finish
