//! A scripted Chat Completions provider that needs neither key nor network.
