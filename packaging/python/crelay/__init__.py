"""Runs the OpenAI Codex CLI on models of other providers.

``exec`` has Codex do one task, ``codex`` runs it at the terminal, and ``start`` serves the Responses API to whoever else
speaks it::

    import crelay

    result = crelay.exec("write hello.py and run it", provider="deepseek")
    print(result.text, result.usage.output_tokens)

    with crelay.start(provider="deepseek") as relay:
        client = openai.OpenAI(base_url=relay.base_url, api_key=relay.token)

All three run the program ``crelay``, which this package brings. Keys that are given here reach it through a pipe; without
one it looks where it always does: in the environment, its configuration and the system's keyring.
"""

from ._program import Error
from ._relay import Relay, start
from ._task import Event, Result, Usage, codex, exec

for _public in (Error, Relay, Result, Usage):
    # Where its users find it, and not where it is written.
    _public.__module__ = __name__

__all__ = ["Error", "Event", "Relay", "Result", "Usage", "codex", "exec", "start"]
