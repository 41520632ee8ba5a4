#include "driver/shells.h"

/* Each hands all words to `cpprof -complete=N -- WORDS`, those behind the cursor too, since the
 * profile comes last (fish tells a completion of none of them), and gets a line each: a word, a
 * tab, what it is. What ends with = or / goes on, so no blank follows it. */

/* bash takes "-peek=a::b" for five words; where the line has no blank between them, they are put
 * together again, and what bash keeps is cut off the answers. */
static const char bash[] =
    "_cpprof() {\n"
    "    local line=$COMP_LINE words=() word apart=1 at=0 i cut= open= value help lines=() "
    "longest=0\n"
    "    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        while [[ $line == [[:blank:]]* ]]; do line=${line:1} apart=1; done\n"
    "        line=${line#\"$word\"}\n"
    "        ((i != COMP_CWORD)) || [[ $word != [\\\"\\']* ]] || open=1\n"
    "        [[ $word == \\'* ]] || word=${word//\\\\/}\n"
    "        word=${word//[\\\"\\']/}\n"
    "        ((i != COMP_CWORD)) || [[ -n $apart ]] || cut=${words[-1]}\n"
    "        ((i != COMP_CWORD)) || [[ $word != [=:]* ]] || cut+=$word\n"
    "        if [[ -n $apart ]]; then words+=(\"$word\"); else words[-1]+=$word; fi\n"
    "        ((i != COMP_CWORD)) || at=$((${#words[@]} - 2))\n"
    "        if [[ -n $word ]]; then apart=; else apart=1; fi\n"
    "    done\n"
    "    words=(\"${words[@]:1}\")\n"
    "    COMPREPLY=()\n"
    "    while IFS=$'\\t' read -r value help; do\n"
    "        value=${value#\"$cut\"}\n"
    "        COMPREPLY+=(\"$value\")\n"
    "        lines+=(\"$help\")\n"
    "        ((${#value} <= longest)) || longest=${#value}\n"
    "    done < <(cpprof \"-complete=$at\" -- \"${words[@]}\" 2>/dev/null)\n"
    "    if ((${#COMPREPLY[@]} == 1)); then\n"
    "        [[ $COMPREPLY != *[=/] ]] || compopt -o nospace\n"
    "        [[ -n $open || $COMPREPLY == -* ]] || printf -v COMPREPLY %q \"$COMPREPLY\"\n"
    "        COMPREPLY=${COMPREPLY/#\\\\~/\\~}\n"
    "    elif ((COMP_TYPE == 63)); then\n" /* the list of all */
    "        for i in \"${!COMPREPLY[@]}\"; do\n"
    "            [[ -z ${lines[i]} ]] ||\n"
    "                printf -v 'COMPREPLY[i]' '%-*s  (%s)' \"$longest\" \"${COMPREPLY[i]}\" "
    "\"${lines[i]}\"\n"
    "        done\n"
    "    fi\n"
    "}\n"
    "complete -o nosort -F _cpprof cpprof\n";

/* zsh takes quotes off PREFIX by itself; it would put a leading ~ into some, so that is kept out of
 * what it completes. */
static const char zsh[] =
    "#compdef cpprof\n"
    "_cpprof() {\n"
    "    local line value prefix=${(Q)PREFIX} home= longest=0\n"
    "    local -a lines match shown end\n"
    "    lines=(\"${(@f)$(cpprof -complete=$((CURRENT - 2)) -- \"${(@Q)words[2,CURRENT-1]}\" "
    "\"$prefix\" \"${(@Q)words[CURRENT+1,-1]}\" 2>/dev/null)}\")\n"
    "    for line in \"${lines[@]%%$'\\t'*}\"; do\n"
    "        ((${#line} <= longest)) || longest=${#line}\n"
    "    done\n"
    "    [[ $prefix != '~/'* ]] || home='~/'\n"
    "    [[ -z $home ]] || compset -P '\\~/'\n"
    "    for line in \"${(@)lines:#}\"; do\n"
    "        value=${line%%$'\\t'*}\n"
    "        match=(\"${value#$home}\")\n"
    "        shown=(\"$value\")\n"
    "        [[ $line == *$'\\t' ]] || shown=(\"${(r:longest:)value}  ${line#*$'\\t'}\")\n"
    "        end=()\n"
    "        [[ $value != *[=/] ]] || end=(-S '')\n"
    "        compadd -l -V cpprof \"${end[@]}\" -d shown -a match\n"
    "    done\n"
    "}\n"
    "if [[ ${funcstack[1]} == _cpprof ]]; then\n"
    "    _cpprof \"$@\"\n"
    "else\n"
    "    compdef _cpprof cpprof\n"
    "fi\n";

static const char fish[] = "function __cpprof_words\n"
                           "    set -l before (commandline -opc)[2..-1]\n"
                           "    set -l words (commandline -op)[2..-1]\n"
                           "    test (count $words) -gt (count $before); or set -a words ''\n"
                           "    cpprof -complete=(count $before) -- $words 2>/dev/null\n"
                           "end\n"
                           "complete -c cpprof -f -a '(__cpprof_words)'\n";

static const struct {
    const char *name, *script;
} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

bool shell_script_put(struct out *o, const char *shell, struct pp_error *err) {
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shell, shells[i].name) != 0) continue;
        out_text0(o, shells[i].script);
        return true;
    }
    return pp_fail(err, PP_E_USAGE, "-completion=%s: one of " SHELL_NAMES, shell);
}
