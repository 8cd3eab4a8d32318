# Completes crelay's words in elvish, and Codex's behind them. crelay itself says what may follow.

use str

set edit:completion:arg-completer[crelay] = {|@line|
    var answer = [(try { e:crelay completions elvish -- $@line 2>/dev/null | from-lines } catch { nop })]
    if (== (count $answer) 0) {
        return
    }
    for found $answer[1..] {
        var word about = (str:split "\t" $found)
        edit:complex-candidate $word &display=(if (eq $about '') { put $word } else { put $word' ('$about')' })
    }
    var further = [(str:split ' ' $answer[0])]
    if (eq $further[0] files) {
        edit:complete-filename $line[-1]
    } elif (not-eq $further[0] words) {
        # Codex's own script.
        if (not (has-key $edit:completion:arg-completer codex)) {
            try {
                eval (e:crelay codex completion elvish 2>/dev/null | slurp)
            } catch {
                return
            }
        }
        var words = $line[(num $further[1])..]
        if (eq $further[0] exec) {
            set words = [exec $@words]
        }
        $edit:completion:arg-completer[codex] codex $@words
    }
}
