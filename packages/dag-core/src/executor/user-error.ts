import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { storableText } from "../kernel/json.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { AttemptError } from "./hand-off.ts";

const longestMessage = 8 * 1024;
const longestStack = 8 * 1024;
const deepestCause = 5;
const mostParts = 3;
const engineFolder = fileURLToPath(new URL("..", import.meta.url));

/**
 * What user code threw, as it is stored: class, message with its chain of causes, and the frames that are the user's
 * own. Redacted, and at most 16 KiB. Never throws, whatever was thrown.
 *
 * @example describeError(new TypeError("x is not a function"), redactor).class // "TypeError"
 */
export function describeError(thrown: unknown, redactor: Redactor): AttemptError {
  const stack = bounded(redactor.redact(readSafely(() => userFrames(thrown))), longestStack);
  return {
    class: redactor.redact(readSafely(() => className(thrown))),
    message: bounded(redactor.redact(readSafely(() => messageChain(thrown, 0))), longestMessage),
    ...(stack !== "" && { stack }),
  };
}

function readSafely(read: () => string): string {
  try {
    return read();
  } catch {
    return "(unreadable)";
  }
}

/** By shape, not by `instanceof`: an error may come from another realm or another copy of a library. */
function isErrorLike(value: unknown): value is Error {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { message?: unknown }).message === "string"
  );
}

function className(thrown: unknown): string {
  if (!isErrorLike(thrown)) return thrown === null ? "null" : typeof thrown;
  if (typeof thrown.name === "string" && thrown.name !== "" && thrown.name !== "Error") {
    return thrown.name;
  }
  const { constructor } = thrown;
  return typeof constructor === "function" && constructor.name ? constructor.name : "Error";
}

function messageChain(thrown: unknown, depth: number): string {
  if (!isErrorLike(thrown)) {
    return typeof thrown === "string" ? thrown : inspect(thrown, { depth: 2, breakLength: 100 });
  }
  const own = thrown.message || codeOf(thrown);
  if (depth >= deepestCause) return own;
  const { errors } = thrown as { readonly errors?: unknown };
  const parts = Array.isArray(errors) ? (errors as readonly unknown[]).slice(0, mostParts) : [];
  const causes = thrown.cause === undefined ? parts : [thrown.cause, ...parts];
  const reasons = causes.map(
    (cause) => `\ncaused by ${className(cause)}: ${messageChain(cause, depth + 1)}`,
  );
  return own + reasons.join("");
}

function codeOf(error: object): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" || typeof code === "number" ? String(code) : "(no message)";
}

function userFrames(thrown: unknown): string {
  if (!isErrorLike(thrown) || typeof thrown.stack !== "string") return "";
  const frames = thrown.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.filter(isUserFrame).join("\n");
}

const isUserFrame = (frame: string): boolean =>
  !frame.includes("node:") && !frame.includes(engineFolder);

function bounded(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)} …` : text;
  return storableText(cut);
}
