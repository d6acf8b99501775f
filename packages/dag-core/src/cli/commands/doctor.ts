import type { Command } from "commander";
import { type TopLeaf, leaf } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OutputOptions, show } from "../output.ts";
import { readConfig } from "../session.ts";
import { table } from "../table.ts";

export function doctor(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about).action(async (flags: OutputOptions) => {
    const { examine } = await import("../examine.ts");
    const { settings } = await import("../../kernel/settings.ts");
    const config = await readConfig();
    const findings = await examine(config);
    if (findings.some((finding) => finding.verdict === "problem")) {
      process.exitCode = exitCodes.failed;
    }
    const shown = settings.map(({ name, default: standard, meaning, isSecret }) => {
      const given = process.env[name] || process.env[`${name}_FILE`];
      const value = given === undefined || given === "" ? null : isSecret ? "***" : given;
      return { name, value, default: standard ?? null, meaning };
    });
    await show(flags, { findings, settings: shown }, async () => {
      const found = findings.map((one) => [one.subject, one.verdict, one.says]);
      const set = shown.map((one) => [one.name, one.value ?? one.default, one.meaning]);
      const examined = await table(["what", "verdict", "says"], found);
      return `${examined}\n\n${await table(["setting", "value", "meaning"], set)}`;
    });
  });
}
