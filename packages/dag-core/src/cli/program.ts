import { Command } from "commander";
import { groups } from "./commands/index.ts";

/** The command line: every command with its options; what a command does is loaded when it is called. */
export function buildProgram(): Command {
  const program = new Command("tidemill")
    .description("Runs DAGs written in TypeScript on one Postgres.")
    .option("-V, --version", "print the version and the number of its schema")
    .exitOverride()
    // What is wrong is said once, by whoever catches the error.
    .configureOutput({ outputError: () => undefined })
    .helpCommand(false)
    .addHelpText("after", programHelp);
  for (const register of groups) register(program);
  return program;
}

const programHelp = `
Exit codes:
  0 done   1 the work failed   2 the command was wrong   3 the database cannot be reached

Example:
  $ tidemill trigger orders_daily --params '{"region":"eu"}' --wait`;
