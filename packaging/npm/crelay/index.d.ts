/// <reference lib="esnext.disposable" />

/** Who answers, and with whose key. */
export interface Provider {
  /** An id such as `"deepseek"`, or a name from the configuration. */
  provider?: string;
  /** The model, as the provider spells it; of a relay, the one for requests that name none, or one that crelay does not
   * know. */
  model?: string;
  /** Any Chat Completions endpoint; with `provider`, that provider at another address. */
  upstream?: string;
  /** The key for the provider; without one, crelay looks where it always does. It goes through a pipe. */
  apiKey?: string;
  /** Who answers for whom, as in `{"gpt-*": "deepseek-v4-pro"}`. */
  modelMap?: Record<string, string>;
}

export interface StartOptions extends Provider {
  /** Where the relay listens on 127.0.0.1; 0, as without it, takes a free port. */
  port?: number;
  /**
   * What clients must show as their API key, at least 16 characters; else `CRELAY_TOKEN` of the environment. If there is
   * neither, the relay makes one up for a free port. At a port that you have chosen it asks for none, because its
   * clients were told where it is, and nothing else: every program on this machine may use it.
   */
  token?: string;
  /** Further options of `crelay serve`, such as `["--also", "kimi"]`. */
  arguments?: readonly string[];
}

/**
 * A relay that serves. It ends with `terminate`, with the block of an `await using`, and with this process, however that
 * dies; it does not keep the process alive.
 */
export interface Relay {
  /** What clients are told as the base address: `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** What clients show as their API key. A relay that asks for none takes this, too. */
  readonly token: string;
  readonly port: number;
  readonly pid: number;
  /** Lets turns that are open come to their end, for up to half a minute; a second one does not. */
  terminate(): void;
  kill(): void;
  /** The exit code, or `null` while it serves. */
  poll(): number | null;
  /** The exit code, when it has ended. */
  wait(): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a relay. Rejects with a `CrelayError` if it cannot serve. */
export function start(options?: StartOptions): Promise<Relay>;

/** What an `AbortSignal` has. */
export interface Signal {
  readonly aborted: boolean;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface ExecOptions extends Provider {
  /** The folder to work in; in one of no Git repository, Codex wants `"--skip-git-repo-check"` among the arguments. */
  cwd?: string;
  /** An `AbortSignal`: ends Codex, and the promise is rejected with its reason. */
  signal?: Signal;
  /**
   * Options of `crelay exec`, then those of `codex exec`, such as `["--max-cost", "2", "--sandbox", "workspace-write"]`.
   */
  arguments?: readonly string[];
}

/** What a task has used, as the provider counted it. */
export interface Usage {
  /** How many requests the provider was sent. */
  requests: number;
  /** How many of them failed. */
  failed: number;
  /** Tokens of the requests, cached ones included. */
  inputTokens: number;
  /** Of these, those that the provider had in its cache. */
  cachedInputTokens: number;
  /** Tokens of the answers, reasoning included. */
  outputTokens: number;
  /** Of these, reasoning. */
  reasoningOutputTokens: number;
  /** About what it cost in dollars, if that is known of every request. */
  cost: number | undefined;
}

/** A line of `codex exec --json`: `type` says what it tells, such as `item.completed`. */
export interface Event {
  type: string;
  // What else stands in it depends on the version of Codex.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [name: string]: any;
}

/** What became of a task. */
export interface Result {
  /** The last message of the model. */
  text: string;
  /** What was used, or nothing if nothing was asked. */
  usage: Usage;
  /** Codex's own: 0 if the task came to its end; 128 + n if signal n ended it. */
  exitCode: number;
  /** All that Codex told, in its order. */
  events: Event[];
  /** What Codex and crelay wrote to standard error. */
  stderr: string;
}

/**
 * Has Codex do one task without its TUI. Rejects with a `CrelayError` if Codex was not started; a task in which Codex
 * fails does not reject: `exitCode` and `events` tell.
 */
export function exec(task: string, options?: ExecOptions): Promise<Result>;

/** What crelay says when it cannot do what was asked. */
export class CrelayError extends Error {
  /** What helps, if that is known. */
  readonly hint: string | undefined;
  /** 2 for what cannot be understood, 126 and 127 for a Codex that cannot be run or found, 125 for the rest. */
  readonly exitCode: number;
}
