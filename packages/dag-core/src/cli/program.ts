import { Command } from "commander";
import { register, topCommands } from "./commands/index.ts";

/** The command line, with all of the command that the arguments call. */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command("tidemill")
    .description("Runs DAGs written in TypeScript on one Postgres.")
    .option("-V, --version", "print the version and the number of its schema")
    .exitOverride()
    // What is wrong is said once, by whoever catches the error.
    .configureOutput({ outputError: () => undefined })
    .helpCommand(false)
    .addHelpText("after", programHelp);
  for (const top of topCommands) await register(program, top, top.name === args[0]);
  return program;
}

const programHelp = `
Exit codes:
  0 done   1 the work failed   2 the command was wrong   3 the database cannot be reached

Example:
  $ tidemill trigger orders_daily --params '{"region":"eu"}' --wait`;
