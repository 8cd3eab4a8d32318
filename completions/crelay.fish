# Completes crelay's words in fish, and Codex's behind them. crelay itself says what may follow.

# Completes the words of Codex by its own script.
function __crelay_codex
    if not functions -q __fish_codex_needs_command
        crelay codex completion fish 2>/dev/null | source
    end
    complete --do-complete "codex $(string escape -- $argv[1..-2] | string join ' ') $argv[-1]"
end

function __crelay
    set -l line (commandline --current-process --tokenize --cut-at-cursor)
    set -l typed (commandline --current-token --cut-at-cursor)
    set -l answer (crelay completions fish -- $line "$typed" 2>/dev/null)
    string join -- \n $answer[2..-1]
    set -l further (string split ' ' -- $answer[1])
    switch "$further[1]"
        case files
            __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$typed")
        case codex exec
            set -l words $line "$typed"
            set -l start (math $further[2] + 1)
            set -l verb (string match exec $further[1])
            __crelay_codex $verb $words[$start..-1]
    end
end

complete --command crelay --no-files --keep-order --arguments '(__crelay)'
