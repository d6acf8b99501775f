import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";
import { withCpuTime } from "../../helpers/cpu-time.ts";
import { draw } from "../../helpers/property.ts";

const escapedHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const encodings: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  "percent-encoded": (secret) => encodeURIComponent(secret),
  "percent-encoded in lower case": (secret) =>
    encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase()),
  form: (secret) => new URLSearchParams({ secret }).toString().slice("secret=".length),
  json: (secret) => JSON.stringify(secret).slice(1, -1),
  "json in json": (secret) => JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
  html: escapedHtml,
  base64: (secret) => Buffer.from(secret).toString("base64"),
  base64url: (secret) => Buffer.from(secret).toString("base64url"),
  "base64 of user:secret": (secret) => Buffer.from(`user:${secret}`).toString("base64"),
  hex: (secret) => Buffer.from(secret).toString("hex"),
  "hex in upper case": (secret) => Buffer.from(secret).toString("hex").toUpperCase(),
};
/** Secrets with every sign that an encoding changes; stars cannot be told from the mask. */
const secret = fc
  .string({ unit: "grapheme", minLength: 8, maxLength: 40 })
  .map((text) => text.replaceAll("*", "x"))
  .filter((text) => text.trim() === text && Array.from(text).length >= 8 && text.isWellFormed());

describe("redact", () => {
  test.each(Object.keys(encodings))("masks a secret that is %s", (name) => {
    const encode = encodings[name] ?? String;
    fc.assert(
      fc.property(secret, (value) => {
        const shown = createRedactor([value]).redact(`before ${encode(value)} after`);
        expect(shown).toMatch(/^before .* after$/su);
        expect(shown).toContain("***");
        expect(shown.includes(encode(value))).toBe(false);
      }),
      { ...draw, numRuns: 100 },
    );
  });

  test("masks each of many secrets and leaves the text between them", () => {
    const secrets = Array.from({ length: 100 }, (_, n) => `secret-${n}-of-many`);
    const shown = createRedactor(secrets).redact(`[${secrets.join("|")}]`);
    expect(shown).toBe(`[${secrets.map(() => "***").join("|")}]`);
  });

  test("prefers the longer of two secrets that begin alike", () => {
    expect(createRedactor(["abcdef", "abcdefghi"]).redact("abcdefghi")).toBe("***");
  });

  test("leaves values under five characters alone", () => {
    expect(createRedactor(["on", "5432"]).redact("on port 5432")).toBe("on port 5432");
  });

  test("masks the lines of a key each", () => {
    const key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQ\n-----END KEY-----\n";
    expect(createRedactor([key]).redact("read kqhkiG9w0BAQ from file")).toBe("read *** from file");
  });

  test.each([
    [
      "https://api.telegram.org/bot1234567:AAH_0123456789abcdefghijklmnopqrs-x/sendMessage",
      "https://api.telegram.org/***/sendMessage",
    ],
    ["bot1:AAH_0123456789abcdefghijklmnopqrs-x", "***"],
    ["token 123456789:AAH_0123456789abcdefghijklmnopqrs-x", "token ***"],
    ["postgres://etl:pass@db:5432/dwh failed", "postgres://etl:***@db:5432/dwh failed"],
    ["redis://:pass@cache", "redis://:***@cache"],
    ["postgres://u:p@ss@db/x", "postgres://u:***@db/x"],
    ["http://host:80/path?mail=a@example.com", "http://host:80/path?mail=a@example.com"],
  ])("masks what is secret by its form: %s", (text, shown) => {
    expect(createRedactor([]).redact(text)).toBe(shown);
  });

  test("keeps the user of a URI, unless it is a secret", () => {
    expect(createRedactor(["admin"]).redact("pg://admin:x@h")).toBe("pg://***:***@h");
  });
});

describe("redactJson", () => {
  test("masks strings, keys and numbers, and keeps the rest as it is", () => {
    const redactor = createRedactor(["hunter22", "123456"]);
    const value = { a: ["hunter22", 1, true, null], hunter22: 123_456, b: undefined };
    expect(redactor.redactJson(value)).toEqual({
      a: ["***", 1, true, null],
      "***": "***",
      b: undefined,
    });
  });
});

describe("stream", () => {
  test("shows the same as redact, wherever the chunks are cut", () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(fc.oneof(fc.string(), fc.constant("\n"), fc.nat(2)), { maxLength: 20 }),
        fc.array(fc.nat(60), { maxLength: 60 }),
        (secrets, parts, cuts) => {
          const redactor = createRedactor(secrets);
          const text = parts
            .map((part) => (typeof part === "number" ? (secrets[part] ?? "") : part))
            .join("");
          const stream = redactor.stream();
          let shown = "";
          let at = 0;
          for (const length of cuts) {
            shown += stream.push(text.slice(at, at + length));
            at += length;
          }
          shown += stream.push(text.slice(at)) + stream.end();
          expect(shown).toBe(redactor.redact(text));
        },
      ),
      { ...draw, numRuns: 300 },
    );
  });

  test("catches a secret that comes one character at a time after much text", () => {
    const stream = createRedactor(["s3cret-value"]).stream();
    const text = `${"x".repeat(5_000)}s3cret-value${"y".repeat(5_000)}`;
    const shown = Array.from(text, (character) => stream.push(character)).join("") + stream.end();
    expect(shown).toBe(`${"x".repeat(5_000)}***${"y".repeat(5_000)}`);
  });

  test("gives out whole lines at once", () => {
    const stream = createRedactor(["s3cret-value"]).stream();
    expect(stream.push("first s3cret-value\nsec")).toBe("first ***\n");
    expect(stream.end()).toBe("sec");
  });
});

test("a megabyte of log and adversarial texts take well under a second", async () => {
  const redactor = createRedactor(["hunter22", "pa$$w0rd", "a-long-token-of-thirty-characters"]);
  const texts = ["a", "1", "\\", "://", "://a:", "%41", "loaded 10 rows into stg.orders\n"];
  const { cpuMs } = await withCpuTime(() => {
    for (const text of texts) redactor.redact(text.repeat(1_000_000 / text.length));
  });
  expect(cpuMs).toBeLessThan(3_000);
});
