import type { JsonValue } from "./json.ts";

/** Masks secrets wherever text leaves the process: logs, errors, outputs, alerts. */
export interface Redactor {
  /** The text with every secret replaced by `***`. */
  redact(text: string): string;
  /** The value with every secret in its strings, keys and numbers replaced by `***`. */
  redactJson(value: JsonValue): JsonValue;
  /** A redactor for text that arrives in chunks, which may split a secret anywhere. */
  stream(): RedactorStream;
}

export interface RedactorStream {
  /** Takes a chunk, gives back what can be shown now. Whole lines are never held back without need. */
  push(chunk: string): string;
  /** Gives back the rest. */
  end(): string;
}

/** Shorter values are left alone: masking every "on" or "5432" would hide more than it protects. */
export const shortestSecret = 5;
const mask = "***";
const longestUser = 128;
const longestPassword = 512;
const longestToken = 256;

/** Bounded everywhere, so that a stream knows how much to hold back and no text makes them slow. */
const wellKnown = [
  `(?:bot\\d{1,20}|\\d{6,20})(?::|%3[aA])[A-Za-z0-9_-]{30,${longestToken}}`,
  `(?<user>:\\/\\/[^\\s:@\\/]{0,${longestUser}}:)[^\\s\\/]{1,${longestPassword}}@`,
];
const wellKnownLength = longestUser + longestPassword + 8;

/** A pattern and the most characters that it can match. */
interface Form {
  readonly pattern: string;
  readonly length: number;
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
const htmlNames: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};
const jsonNames: Readonly<Record<string, string>> = {
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\b": "b",
  "\f": "f",
};
/** JSON inside JSON doubles the backslashes; this many are recognised before a character. */
const mostBackslashes = 7;

const anyCase = (hex: string): string =>
  hex.replace(/[a-f]/gi, (digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`);

/** One character as it stands, percent-encoded, escaped in JSON or escaped in HTML. */
function characterForm(character: string): Form {
  if (/[A-Za-z0-9]/.test(character)) return { pattern: character, length: 1 };
  const percent = [...Buffer.from(character)].map((byte) => byte.toString(16).padStart(2, "0"));
  const unicode = Array.from(
    { length: character.length },
    (_, at) => `\\\\{1,${mostBackslashes}}u${anyCase(hex4(character.charCodeAt(at)))}`,
  ).join("");
  const forms = [
    `\\\\{0,${mostBackslashes}}${escapeRegExp(character)}`,
    percent.map((hex) => `%${anyCase(hex)}`).join(""),
    unicode,
    `&#(?:${character.codePointAt(0)}|[xX]0{0,4}${anyCase((character.codePointAt(0) ?? 0).toString(16))});`,
  ];
  if (character === " ") forms.push("\\+");
  const html = htmlNames[character];
  if (html !== undefined) forms.push(`&${html};`);
  const json = jsonNames[character];
  if (json !== undefined) forms.push(`\\\\{1,${mostBackslashes}}${json}`);
  return { pattern: `(?:${forms.join("|")})`, length: 12 * character.length + mostBackslashes };
}

const hex4 = (code: number): string => code.toString(16).padStart(4, "0");

function writtenForm(secret: string): Form {
  const characters = Array.from(secret, characterForm);
  return {
    pattern: characters.map((form) => form.pattern).join(""),
    length: characters.reduce((sum, form) => sum + form.length, 0),
  };
}

/** The characters of base64 that depend on the secret alone, when `offset` bytes stand before it. */
function base64Form(bytes: Buffer, offset: number): Form {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const stable = encoded.slice(
    Math.ceil((offset * 8) / 6),
    Math.floor(((offset + bytes.length) * 8) / 6),
  );
  const pattern = stable.replace(/[+/]/g, (sign) => (sign === "+" ? "[+-]" : "[\\/_]"));
  return { pattern, length: stable.length };
}

/** Every character encoded, those too that need not be. */
function encodedForms(secret: string, hex: string): readonly Form[] {
  const units = Array.from({ length: secret.length }, (_, at) => {
    return `u${anyCase(hex4(secret.charCodeAt(at)))}`;
  });
  return [
    { pattern: hex.replace(/../g, (byte) => `%${anyCase(byte)}`), length: hex.length * 1.5 },
    {
      // What doubles the first backslash may stay: it tells nothing, and looking for it is slow.
      pattern: `\\\\${units.join(`\\\\{1,${mostBackslashes}}`)}`,
      length: units.length * (mostBackslashes + 5),
    },
  ];
}

function formsOf(secret: string): readonly Form[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  return [
    writtenForm(secret),
    ...encodedForms(secret, hex),
    ...[0, 1, 2].map((offset) => base64Form(bytes, offset)),
    { pattern: anyCase(hex), length: hex.length },
  ];
}

/** Long enough, without the newline that ends a file, each line of a key on its own too. */
function distinctSecrets(secrets: readonly string[], shortest: number): readonly string[] {
  const texts = secrets.flatMap((secret) => [secret, secret.trim(), ...secret.split(/\r?\n/)]);
  const kept = new Set(texts.filter((text) => text.trim().length >= shortest));
  return [...kept].sort((a, b) => b.length - a.length);
}

/**
 * Builds a redactor for a set of secret values. Besides those it masks Telegram bot tokens and
 * the passwords of URIs (`scheme://user:password@`), known or not.
 *
 * @param secrets The values to mask, in raw, percent-encoded, base64, hex, JSON- and HTML-escaped
 *   form. The lines of a longer text are masked each.
 * @param shortest Shorter values and lines are left alone. Defaults to 5 characters.
 * @example createRedactor(["s3cret!"]).redact("password=s3cret%21") // "password=***"
 */
export function createRedactor(
  secrets: readonly string[],
  shortest: number = shortestSecret,
): Redactor {
  const known = distinctSecrets(secrets, shortest);
  const forms = known.flatMap(formsOf);
  const patterns = [...forms.map((form) => form.pattern), ...wellKnown];
  const search: Search = {
    pattern: new RegExp(patterns.join("|"), "g"),
    longest: forms.reduce((most, form) => Math.max(most, form.length), wellKnownLength),
    isByLine: !known.some((secret) => /[\r\n]/.test(secret)),
  };
  const redact = (text: string): string => maskUntil(text, search, text.length).shown;
  return Object.freeze({
    redact,
    redactJson: (value: JsonValue): JsonValue => redactValue(value, redact),
    stream: () => redactorStream(search),
  });
}

interface Search {
  readonly pattern: RegExp;
  /** The most characters that a match can have. */
  readonly longest: number;
  /** Whether no match can contain a line break, so that finished lines need not wait. */
  readonly isByLine: boolean;
}

/** Masks the matches that begin before `until`; `next` is where the text not shown yet begins. */
function maskUntil(text: string, search: Search, until: number): { shown: string; next: number } {
  const { pattern } = search;
  let shown = "";
  let next = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match.index >= until) break;
    shown += text.slice(next, match.index) + maskOf(match, search);
    next = pattern.lastIndex = match.index + match[0].length;
  }
  if (next >= until) return { shown, next };
  return { shown: shown + text.slice(next, until), next: until };
}

/** A URI keeps its user, unless that is a secret too. */
function maskOf(match: RegExpExecArray, search: Search): string {
  const user = match.groups?.["user"];
  return user === undefined ? mask : `${maskUntil(user, search, user.length).shown}${mask}@`;
}

function redactValue(value: JsonValue, redact: (text: string) => string): JsonValue {
  if (typeof value === "string") return redact(value);
  if (typeof value === "number") return redact(String(value)) === mask ? mask : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => redactValue(item, redact));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      redact(key),
      item === undefined ? item : redactValue(item, redact),
    ]),
  );
}

function redactorStream(search: Search): RedactorStream {
  let held = "";
  const take = (until: number): string => {
    const { shown, next } = maskUntil(held, search, until);
    held = held.slice(next);
    return shown;
  };
  return {
    push(chunk) {
      held += chunk;
      const lines = search.isByLine ? held.lastIndexOf("\n") + 1 : 0;
      const until = Math.max(lines, held.length - search.longest);
      return until > 0 ? take(until) : "";
    },
    end: () => take(held.length),
  };
}
