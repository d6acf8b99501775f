import type { JsonValue } from "../kernel/json.ts";
import { secretsOf } from "../kernel/named-secrets.ts";
import { createRedactor, type Redactor } from "../kernel/redact.ts";

export interface OutputOptions {
  readonly output: "table" | "json";
}

/** Writes a command's result to standard output: as JSON, or as the text that the function makes of it. */
export async function show(
  { output }: OutputOptions,
  value: unknown,
  text: () => string | Promise<string>,
): Promise<void> {
  const shown = output === "json" ? jsonText(value, 2) : redacted(await text());
  if (shown !== "") process.stdout.write(`${shown}\n`);
}

/** JSON without secrets. They are masked before it is written, since a number that is one would leave no JSON. */
export function jsonText(value: unknown, indent?: number): string {
  const plain = JSON.parse(JSON.stringify(value)) as JsonValue;
  return JSON.stringify(currentRedactor().redactJson(plain), undefined, indent);
}

/** A line on standard output, without secrets. */
export function print(text: string): void {
  process.stdout.write(`${redacted(text)}\n`);
}

/** A line for people beside the result: it goes to standard error, so that the result stays clean. */
export function note(text: string): void {
  process.stderr.write(`${redacted(text)}\n`);
}

let redactor: Redactor | undefined;

/** Masks the secrets of the environment, and of the settings once those are read. */
export function currentRedactor(): Redactor {
  redactor ??= createRedactor(secretsOf(process.env));
  return redactor;
}

const redacted = (text: string): string => currentRedactor().redact(text);

/** More secrets to mask from here on. */
export function maskSecrets(secrets: readonly string[]): void {
  redactor = createRedactor([...secretsOf(process.env), ...secrets]);
}

/** Shows how far long work is: one line that changes on a terminal, now and then a line elsewhere. */
export class Progress {
  readonly #everyMs: number;
  #shownAt = -Infinity;
  #shown = "";

  constructor() {
    this.#everyMs = process.stderr.isTTY ? 100 : 5_000;
  }

  update(text: string): void {
    const now = performance.now();
    if (text === this.#shown || now - this.#shownAt < this.#everyMs) return;
    this.#shownAt = now;
    this.#shown = text;
    process.stderr.write(
      process.stderr.isTTY ? `\r\u001B[K${redacted(text)}` : `${redacted(text)}\n`,
    );
  }

  end(): void {
    if (process.stderr.isTTY && this.#shown !== "") process.stderr.write("\r\u001B[K");
    this.#shown = "";
  }
}

/** Runs what does many things one by one, and shows how many are done. */
export async function withProgress<T>(
  things: string,
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const progress = new Progress();
  try {
    return await work((done, total) => {
      if (total > 1) progress.update(`${done} of ${total} ${things}`);
    });
  } finally {
    progress.end();
  }
}
