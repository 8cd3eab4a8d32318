# Completes crelay's words in PowerShell, and Codex's behind them. crelay itself says what may follow.

Register-ArgumentCompleter -Native -CommandName crelay -ScriptBlock {
    param($typed, $tree, $cursor)

    $line = @($tree.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursor } | ForEach-Object { "$_" })
    if ($typed -eq '') { $line += '' }
    $answer = @(& crelay completions powershell --word ($line.Count - 1) '--' @line 2>$null)
    if ($answer.Count -eq 0) { return }
    $answer | Select-Object -Skip 1 | ForEach-Object {
        $word, $about = $_ -split "`t", 2
        if (-not $about) { $about = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $about)
    }
    $further, $start = $answer[0] -split ' '
    if ($further -eq 'files') {
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($typed)
    } elseif ($further -ne 'words') {
        # Codex's own script.
        if (-not $global:CrelayHasCodex) {
            $global:CrelayHasCodex = $true
            & crelay codex completion powershell 2>$null | Out-String | Invoke-Expression
        }
        $words = @('codex')
        if ($further -eq 'exec') { $words += 'exec' }
        $words += @($line | Select-Object -Skip ([int]$start))
        $codex = $words -join ' '
        [System.Management.Automation.CommandCompletion]::CompleteInput($codex, $codex.Length, $null).CompletionMatches
    }
}
