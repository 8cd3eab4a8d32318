#!/usr/bin/env node
// The command `crelay`: becomes the program, or where Node cannot do that (before 22.15), stands beside it as if it were
// not there.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { isatty } from "node:tty";

import { exitCode, find } from "../lib/program.js";

/** What somebody may send to this process and mean the program. */
const FORWARDED = ["SIGTERM", "SIGHUP"];

/** What a terminal sends to both. */
const KEYS = ["SIGINT", "SIGQUIT"];

function main() {
  const program = find();
  const given = process.argv.slice(2);
  if (typeof process.execve === "function") {
    process.execve(program, [program, ...given], process.env);
  }
  beside(spawn(program, given, { stdio: "inherit" }), program);
}

function beside(child, program) {
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  for (const signal of FORWARDED) {
    process.on(signal, () => child.kill(signal));
  }
  for (const signal of KEYS) {
    // Heard in any case, so that this process outlives the program.
    process.on(signal, () => hasTerminal || child.kill(signal));
  }
  child.on("error", (error) => fail(`cannot run \`${program}\`: ${error.message}`, 126));
  child.on("exit", (code, signal) => {
    process.exitCode = exitCode(code, signal, constants.signals);
    if (signal !== null) {
      // Whoever waits for us sees the same end.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

function fail(message, code) {
  console.error(`error: ${message}`);
  process.exitCode = code;
}

try {
  main();
} catch (error) {
  if (error.name !== "CrelayError") throw error;
  console.error(String(error));
  process.exitCode = error.exitCode;
}
