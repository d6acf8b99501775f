import { describe, expect, test } from "@jest/globals";
import { buildProgram } from "../../../packages/dag-core/src/cli/program.ts";
import { topCommands } from "../../../packages/dag-core/src/cli/commands/index.ts";
import { runCli } from "../../helpers/run-cli.ts";

const promised = `dev scheduler worker check trigger logs health doctor
dags list|dags show|dags next-execution|dags pause|dags unpause|dags test|dags list-import-errors
runs list|runs show|runs watch|runs cancel
tasks list|tasks clear|tasks mark|tasks test|tasks explain
backfill plan|backfill create|backfill list|backfill status|backfill pause|backfill resume|backfill cancel
pools list|pools set|connections list|connections test|db migrate|db check|alerts test|alerts status|alerts flush|alerts mute|alerts unmute`
  .split("\n")
  .flatMap((line) => (line.includes("|") ? line.split("|") : line.split(" ")));

async function helpOf(path: readonly string[]): Promise<string> {
  let command = await buildProgram(path);
  for (const name of path) {
    const found = command.commands.find((one) => one.name() === name);
    if (!found) throw new Error(`no command ${path.join(" ")}`);
    command = found;
  }
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

test.each(promised)("%s has a help text with an example, and --output", async (line) => {
  const text = await helpOf(line.split(" "));
  expect(text).toMatch(/\nExample:\n {2}\$ .*tidemill /);
  expect(text).toContain("-o, --output <format>");
});

test.each(topCommands.map((top) => top.name))("%s is one line of the whole help", async (name) => {
  const { stdout, exitCode } = await runCli(["--help"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, "m"));
});

describe("the line that is called", () => {
  test("--version says the version and the number of the schema", async () => {
    const { stdout, exitCode } = await runCli(["--version"]);
    expect(stdout).toMatch(/^tidemill \d+\.\d+\.\d+, schema \d+( \(breaking\))?\n$/);
    expect(exitCode).toBe(0);
  });

  test.each([
    [["trigger", "--help"], "Usage: tidemill trigger [options] <dag>"],
    [["backfill", "create", "--help"], "--reprocess-behavior"],
    [["dags", "--help"], "next-execution"],
  ])("%j", async (args, text) => {
    const { stdout, exitCode } = await runCli(args);
    expect(stdout).toContain(text);
    expect(exitCode).toBe(0);
  });
});
