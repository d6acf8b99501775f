import { type Command, InvalidArgumentError, Option } from "commander";
import { type Duration, durationMs, isDuration, maxDurationMs } from "../kernel/duration.ts";
import type { OutputOptions } from "./output.ts";

export interface LeafText {
  /** One sentence. */
  readonly does: string;
  /** A command line that can be typed. */
  readonly example: string;
}

/** A command that does something and stands at the top. */
export interface TopLeaf extends LeafText {
  /** Its name and arguments: `trigger <dag>`. */
  readonly usage: string;
}

/** A command that does something: `list [dag]` under its group, with an example and `--output`. */
export function leaf(parent: Command, usage: string, { does, example }: LeafText): Command {
  return parent
    .command(usage)
    .description(does)
    .addOption(
      new Option("-o, --output <format>", "a table for people, or JSON")
        .choices(["table", "json"])
        .default("table" satisfies OutputOptions["output"]),
    )
    .addHelpText("after", `\nExample:\n  $ ${example}`);
}

/** A command that only groups others. */
export function group(parent: Command, name: string, { does, example }: LeafText): Command {
  return parent
    .command(name)
    .description(does)
    .helpCommand(false)
    .addHelpText("after", `\nExample:\n  $ ${example}`);
}

/** Reads an option that is a whole number. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
    const bounds =
      most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
    throw new InvalidArgumentError(`Write a whole number ${bounds}.`);
  };
}

/** Reads an option that is a duration, as milliseconds. */
export function durationOption(text: string): number {
  if (!isDuration(text)) {
    throw new InvalidArgumentError('Write a number and a unit, for example "90s" or "10m".');
  }
  const ms = durationMs(text satisfies Duration);
  if (ms <= maxDurationMs) return ms;
  throw new InvalidArgumentError("Write at most 36500d.");
}

/** Collects an option that may be given more than once. */
export function repeatedOption(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Collects an option that may be given more than once, or with commas. */
export function listOption(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(",").filter((part) => part !== "")];
}

export const whyOption = [
  "--why <text>",
  "stored with the change, for those who look later",
] as const;
