# Completes crelay's words in bash, and Codex's behind them. crelay itself says what may follow.

# The line up to the cursor; bash has broken it at `=` and `:`.
_crelay_line() {
    local rest=$COMP_LINE piece i
    line=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if ((i > 0)) && [[ $rest != [[:space:]]* && ($piece == [=:]* || ${COMP_WORDS[i - 1]} == *[=:]) ]]; then
            line[${#line[@]} - 1]+=$piece
        else
            line+=("$piece")
        fi
        rest=${rest#"${rest%%[![:space:]]*}"}
        rest=${rest#"$piece"}
    done
}

# Completes the words of Codex by its own script.
_crelay_codex() {
    declare -F _codex >/dev/null || eval "$(crelay codex completion bash 2>/dev/null)"
    declare -F _codex >/dev/null || return
    local IFS=$' \t\n'
    local COMP_WORDS=(codex "$@") COMP_CWORD=$#
    local COMP_LINE="${COMP_WORDS[*]}" COMP_POINT
    COMP_POINT=${#COMP_LINE}
    _codex codex "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
}

_crelay() {
    local line further start typed piece words=() word
    _crelay_line
    COMPREPLY=()
    typed=${line[${#line[@]} - 1]}
    {
        IFS=' ' read -r further start
        while IFS=$'\t' read -r word _; do words+=("$word"); done
    } < <(crelay completions bash -- "${line[@]}" 2>/dev/null)
    case $further in
        codex) _crelay_codex "${line[@]:start}" ;;
        exec) _crelay_codex exec "${line[@]:start}" ;;
    esac
    COMPREPLY+=("${words[@]}")
    if [[ $further != words && (${#COMPREPLY[@]} -eq 0 || $further == files) ]]; then
        local IFS=$'\n'
        COMPREPLY+=($(compgen -f -- "${typed##*=}"))
        compopt -o filenames 2>/dev/null
        return
    fi
    # What bash has broken off before the cursor stays where it is.
    piece=${COMP_WORDS[COMP_CWORD]}
    [[ $piece == [=:] ]] && piece=
    [[ -n $piece ]] && typed=${typed%"$piece"}
    [[ $typed == *[=:] ]] && COMPREPLY=("${COMPREPLY[@]#"$typed"}")
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -F _crelay crelay
