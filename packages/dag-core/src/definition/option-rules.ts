import { durationMs, isDuration, maxDurationMs } from "../kernel/duration.ts";
import { tidemillError } from "../kernel/errors.ts";
import { isId } from "../kernel/ids.ts";

/** What a value of an option must be. TypeScript says it too; JavaScript and casts do not. */
export interface OptionRule {
  /** What is wrong with the value, as the end of `Option "x" of y ...`; undefined if nothing is. */
  readonly problem: (value: unknown) => string | undefined;
  readonly remedy: string;
  readonly isRequired?: boolean;
}
export type OptionRules = Readonly<Record<string, OptionRule>>;

type Primitive = number | bigint | boolean | symbol | null | undefined;
/** The most that an `integer` column of Postgres holds. */
const maxInteger = 2_147_483_647;
const shown = (value: unknown): string => {
  if (typeof value === "string") return `"${value}"`;
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? "an object" : String(value as Primitive);
};
const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.isWellFormed() && !value.includes("\0");

/** Checks only by its caller, which knows more of it. */
export const anything: OptionRule = { problem: () => undefined, remedy: "" };

export function wholeNumber(min: number, max = maxInteger): OptionRule {
  const fits = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return {
    problem: (value) => (fits(value) ? undefined : `is ${shown(value)}`),
    remedy: `write a whole number of at least ${min}`,
  };
}

/** @param min Shortest length that is allowed, in milliseconds. */
export function duration(min = 0): OptionRule {
  const fits = (value: unknown) => {
    if (typeof value !== "string" || !isDuration(value)) return false;
    return durationMs(value) >= min && durationMs(value) <= maxDurationMs;
  };
  return {
    problem: (value) => (fits(value) ? undefined : `is ${shown(value)}`),
    remedy: `write a number and a unit (ms, s, m, h, d), ${min > 0 ? "more than 0 and " : ""}at most 36500d, for example "5m"`,
  };
}

export function oneOf(choices: readonly string[]): OptionRule {
  return {
    problem: (value) =>
      typeof value === "string" && choices.includes(value) ? undefined : `is ${shown(value)}`,
    remedy: `choose one of ${choices.join(", ")}`,
  };
}

export const text: OptionRule = {
  problem: (value) => (isText(value) ? undefined : `is ${shown(value)}`),
  remedy: "write a text that is not empty and has no NUL character",
};

export const id: OptionRule = {
  problem: (value) => (isId(value) ? undefined : `is ${shown(value)}`),
  remedy: 'write 1 to 200 of A-Z a-z 0-9 _ . ~ : + - and no ".."',
};

export const yesOrNo: OptionRule = {
  problem: (value) => (typeof value === "boolean" ? undefined : `is ${shown(value)}`),
  remedy: "write true or false",
};

export const fn: OptionRule = {
  problem: (value) => (typeof value === "function" ? undefined : `is ${shown(value)}`),
  remedy: "write a function, for example async (ctx) => {}",
};

export function listOf(rule: OptionRule, min = 0): OptionRule {
  const problem = (value: unknown) => {
    if (!Array.isArray(value)) return `is ${shown(value)}`;
    if (value.length < min) return "is empty";
    return value.map((item: unknown) => rule.problem(item)).find((found) => found !== undefined);
  };
  return { problem, remedy: `write a list; of each item: ${rule.remedy}` };
}

export function required(rule: OptionRule): OptionRule {
  return { ...rule, isRequired: true };
}

/**
 * Checks options by their rules.
 *
 * @param subject Whose options they are, for the message: `task "load" of DAG "orders"`.
 * @throws TidemillError `TIDEMILL_OPTION_UNKNOWN` or `TIDEMILL_OPTION_INVALID`.
 */
export function checkOptionsOrThrow(subject: string, options: unknown, rules: OptionRules): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `Options of ${subject}`,
      problem: `are ${shown(options)}`,
      remedy: "write one object",
    });
  }
  const known = Object.keys(rules);
  for (const option of Object.keys(options)) {
    if (!known.includes(option)) {
      throw tidemillError("TIDEMILL_OPTION_UNKNOWN", { option, subject, known });
    }
  }
  const given = options as Readonly<Record<string, unknown>>;
  for (const [option, rule] of Object.entries(rules)) {
    const value = given[option];
    if (value === undefined && !rule.isRequired) continue;
    const problem = value === undefined ? "is missing" : rule.problem(value);
    if (problem !== undefined) throw optionInvalid(subject, option, problem, rule.remedy);
  }
}

export function optionInvalid(subject: string, option: string, problem: string, remedy: string) {
  return tidemillError("TIDEMILL_OPTION_INVALID", { subject, option, problem, remedy });
}
