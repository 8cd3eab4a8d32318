// The program that does the work: which package holds it, how its words begin, and how it fails.

import { createRequire } from "node:module";
import path from "node:path";

/** The exit code of shells for a program that is not there. */
const NOT_FOUND = 127;

/** What crelay says when it cannot do what was asked. */
export class CrelayError extends Error {
  name = "CrelayError";

  constructor(message, hint, exitCode) {
    super(message);
    this.hint = hint;
    this.exitCode = exitCode;
  }

  /** What crelay writes to a terminal. */
  toString() {
    const words = `error: ${this.message}`;
    return this.hint === undefined ? words : `${words}\n\nhint: ${this.hint}`;
  }

  /** Understands what crelay has said before it ended. */
  static read(said, exitCode) {
    const start = `\n${said}`.lastIndexOf("\nerror: ");
    if (start < 0) {
      const rest = said.trim();
      return new CrelayError(`crelay ended with code ${exitCode}${rest && `: ${rest}`}`, undefined, exitCode);
    }
    const [message, hint] = said.slice(start + "error: ".length).trim().split(/\n\nhint: ([^]*)/);
    return new CrelayError(message, hint, exitCode);
  }
}

/** Where the program for this machine is. */
export function find() {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@crelay/${platform}`;
  try {
    const described = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return path.join(path.dirname(described), "bin", "crelay");
  } catch (cause) {
    if (!/^(linux|darwin)-(x64|arm64)$/.test(platform)) {
      const hint = "there is one for Linux and macOS, on x64 and arm64";
      throw new CrelayError(`there is no crelay for \`${platform}\``, hint, NOT_FOUND);
    }
    const hint =
      "install `crelay` again, without `--omit=optional` (or `--no-optional`) and on this kind of machine: " +
      `\`npm install crelay --include=optional\``;
    const error = new CrelayError(`the package \`${name}\`, which holds the program, is not installed`, hint, NOT_FOUND);
    error.cause = cause;
    throw error;
  }
}

/** What all commands of crelay understand. One word each: a value may begin with a dash. */
export function words({ provider, model, upstream, modelMap }) {
  const named = Object.entries({ provider, model, "base-url": upstream });
  const chosen = named.filter(([, value]) => value).map(([name, value]) => `--${name}=${value}`);
  const mapped = Object.entries(modelMap ?? {}).map(([wanted, given]) => `--model-map=${wanted}=${given}`);
  return [...chosen, ...mapped];
}

/** The code that a shell shows for a program that has ended. */
export function exitCode(code, signal, numbers) {
  return code ?? 128 + numbers[signal];
}
