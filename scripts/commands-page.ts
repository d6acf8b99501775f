import { format } from "prettier";
import { topCommands } from "../packages/dag-core/src/cli/commands/index.ts";
import { buildProgram } from "../packages/dag-core/src/cli/program.ts";

type Command = Awaited<ReturnType<typeof buildProgram>>;

const head = `# Commands

Each command has \`--help\`, with an example, and \`--output json\`. A run id may be written as \`latest\` where a run is asked for. Exit codes: 0 done, 1 the work failed, 2 the command was wrong and nothing was changed, 3 the database cannot be reached.

`;

/** Text of `docs/cli.md`. */
export async function commandsPage(): Promise<string> {
  const sections: string[] = [];
  for (const { name } of topCommands) {
    const program = await buildProgram([name]);
    const command = program.commands.find((one) => one.name() === name);
    if (command) sections.push(sectionOf(command));
  }
  return format(head + sections.join("\n"), { parser: "markdown", printWidth: 100 });
}

function sectionOf(command: Command): string {
  const leaves = command.commands.length > 0 ? command.commands : [command];
  const rows = leaves.map((leaf) => {
    const path = leaf === command ? command.name() : `${command.name()} ${leaf.name()}`;
    const usage = `tidemill ${path} ${argumentsOf(leaf)}`.trim();
    return `| \`${usage}\` | ${cell(leaf.description())} | ${optionsOf(leaf)} |`;
  });
  return `## ${command.name()}\n\n| Command | What it does | Options |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

function argumentsOf(command: Command): string {
  return command.registeredArguments
    .map((one) => {
      const name = one.name() + (one.variadic ? "..." : "");
      return one.required ? `<${name}>` : `[${name}]`;
    })
    .join(" ");
}

/** Flags without those that every command has. */
function optionsOf(command: Command): string {
  return command.options
    .filter(({ long }) => long !== "--output")
    .map(({ flags }) => `\`${cell(flags)}\``)
    .join("<br>");
}
