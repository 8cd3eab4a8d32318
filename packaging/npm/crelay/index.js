// `start` and `exec`, as `index.d.ts` describes them.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import path from "node:path";

import { CrelayError, exitCode, find, words } from "./lib/program.js";

export { CrelayError };

/** What crelay ends with when it fails itself, and not Codex. */
const OWN_CODES = [2, 125, 126, 127];

/** Milliseconds that Codex has to end when nobody waits for it any more, and a program that was told to end now. */
const GRACE = 5000;

/** How long open turns have when a block is left. */
const DRAIN = 30_000;

export class Relay {
  #child;
  #ended;

  constructor(child, ended, told, token) {
    this.#child = child;
    this.#ended = ended;
    this.baseUrl = told.base_url;
    this.port = told.port;
    this.pid = child.pid;
    this.token = token;
  }

  terminate() {
    this.#child.kill("SIGTERM");
  }

  kill() {
    this.#child.kill("SIGKILL");
  }

  poll() {
    const { exitCode: code, signalCode: signal } = this.#child;
    return code === null && signal === null ? null : exitCode(code, signal, constants.signals);
  }

  async wait() {
    // It keeps nobody alive, except who waits for it.
    this.#child.ref();
    return this.#ended;
  }

  async [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    await end(this.#child, this.wait(), DRAIN);
  }
}

export async function start(options = {}) {
  const { port = 0, apiKey, token, arguments: further = [] } = options;
  const environment = { CRELAY_LOG: "off", ...process.env };
  const shown = token || environment.CRELAY_TOKEN || randomBytes(32).toString("base64url");
  if (token || port === 0) environment.CRELAY_TOKEN = shown;
  const line = ["serve", "--json", "--while-read", `--port=${port}`, ...words(options)];
  if (apiKey) line.push("--key-file=-");
  // A group of its own: Ctrl-C is for this program, which may want to go on with the relay.
  const child = spawn(find(), [...line, ...further], { stdio: "pipe", env: environment, detached: true });
  const ended = ending(child);
  // Told to who waits, and never to the whole program as a rejection that nobody has handled.
  ended.catch(() => {});
  give(child, `${apiKey ?? ""}\n`);
  const said = collect(child.stderr);
  // Of a child that could not be started, nothing can be read.
  const told = await firstLine(child.stdout).catch(() => undefined);
  if (told === undefined) {
    const code = await ended;
    throw CrelayError.read(await said.whole(), code);
  }
  child.stdout.resume();
  said.passOn(process.stderr);
  for (const handle of [child, child.stdin, child.stdout, child.stderr]) handle.unref();
  return new Relay(child, ended, JSON.parse(told), shown);
}

export async function exec(task, options = {}) {
  const { apiKey, cwd, signal, arguments: further = [] } = options;
  signal?.throwIfAborted();
  const program = find();
  const folder = await mkdtemp(path.join(tmpdir(), "crelay-"));
  try {
    const receipt = path.join(folder, "receipt.json");
    const line = ["exec", "--while-read", `--receipt=${receipt}`, ...words(options)];
    if (apiKey) line.push("--key-file=-");
    const child = spawn(program, [...line, ...further, "--json", "-"], { stdio: "pipe", cwd });
    // The key is the first line, the task all that follows: neither is seen among the processes.
    give(child, apiKey ? `${apiKey}\n${task}` : task);
    const { code, output, said } = await whole(child, signal, cwd);
    const events = output.split("\n").map(event).filter((value) => value !== undefined);
    if (events.length === 0 && OWN_CODES.includes(code)) throw CrelayError.read(said, code);
    return { text: text(events), usage: await usage(receipt), exitCode: code, events, stderr: said };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** All that a child has said, once it has ended; it ends early when `signal` says so. */
async function whole(child, signal, folder) {
  const ended = ending(child, folder);
  const abort = () => end(child, ended, GRACE);
  signal?.addEventListener("abort", abort, { once: true });
  const outputs = [collect(child.stdout).whole(), collect(child.stderr).whole()];
  try {
    const [code, output, said] = await Promise.all([ended, ...outputs]);
    signal?.throwIfAborted();
    return { code, output, said };
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** The exit code of a child, when it has one. */
async function ending(child, folder) {
  try {
    const [code, signal] = await once(child, "exit");
    return exitCode(code, signal, constants.signals);
  } catch (error) {
    // The system says the same of a program and of a folder to work in that is not there.
    const place = folder === undefined ? "" : ` in \`${folder}\``;
    throw new CrelayError(`cannot run \`${child.spawnfile}\`${place}: ${error.message}`, undefined, 126);
  }
}

/** The first signal lets a child finish what it is about, the second means now. */
async function end(child, ended, patience) {
  for (const [signal, limit] of [["SIGTERM", patience], ["SIGTERM", GRACE], ["SIGKILL", GRACE]]) {
    child.kill(signal);
    let timer;
    const over = new Promise((resolve) => {
      timer = setTimeout(resolve, limit);
    });
    await Promise.race([ended.catch(() => {}), over]);
    clearTimeout(timer);
    if (child.exitCode !== null || child.signalCode !== null) return;
  }
}

function give(child, input) {
  // It may have ended already, and says why.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
}

/** Reads a stream, which would else be full one day. */
function collect(stream) {
  const pieces = [];
  const keep = (piece) => pieces.push(piece);
  const closed = once(stream, "close");
  stream.on("data", keep);
  return {
    async whole() {
      await closed;
      return Buffer.concat(pieces).toString();
    },
    passOn(target) {
      stream.off("data", keep);
      if (pieces.length > 0) target.write(Buffer.concat(pieces));
      stream.on("data", (piece) => target.write(piece));
    },
  };
}

/** The first line of a stream, unless it ends before. */
async function firstLine(stream) {
  let said = "";
  stream.setEncoding("utf8");
  for await (const piece of stream.iterator({ destroyOnReturn: false })) {
    said += piece;
    const [line, ...rest] = said.split("\n");
    if (rest.length > 0) return line;
  }
  return undefined;
}

function event(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function text(events) {
  const items = events.filter(({ type }) => type === "item.completed").map(({ item }) => item);
  return items.findLast((item) => item?.type === "agent_message")?.text ?? "";
}

async function usage(receipt) {
  const nothing = { requests: 0, failed: 0, tokens: {}, cost: { told: 0, computed: 0, unknown: 1 } };
  // It is written at the end, which a kill does not wait for.
  const { requests, failed, tokens, cost } = await readFile(receipt, "utf8").then(JSON.parse).catch(() => nothing);
  return {
    requests,
    failed,
    inputTokens: tokens.input ?? 0,
    cachedInputTokens: tokens.cached ?? 0,
    outputTokens: tokens.output ?? 0,
    reasoningOutputTokens: tokens.reasoning ?? 0,
    cost: cost.unknown ? undefined : cost.told + cost.computed,
  };
}
