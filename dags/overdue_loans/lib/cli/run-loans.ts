import { existsSync } from "node:fs";
import { loadEnvFile } from "node:process";
import { TidemillError, type TidemillErrorCode } from "@tidemill/dag-core";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { generateFiles, scales } from "../generate-files.ts";
import { initSchema } from "../init-schema.ts";
import type { LoadContext } from "../load-context.ts";
import { loadParts } from "../load-parts.ts";
import { readSettings } from "../settings.ts";
import { splitFiles } from "../split-files.ts";
import { commandContext } from "./command-context.ts";
import { chosenAddress } from "./local-address.ts";

/** As those of the command `tidemill`. */
const exitCodes = { done: 0, failed: 1, misuse: 2, unreachable: 3 } as const;

const misuses: ReadonlySet<string> = new Set<TidemillErrorCode>([
  "TIDEMILL_OPTION_INVALID",
  "TIDEMILL_CONFIG_INVALID",
]);
const unreachables: ReadonlySet<string> = new Set<TidemillErrorCode>([
  "TIDEMILL_CONNECTION_MISSING",
  "TIDEMILL_CONNECTION_UNREACHABLE",
]);

function whole(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function date(text: string): string {
  const isDate =
    /^\d{4}-\d\d-\d\d$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(text).toISOString().startsWith(text);
  if (!isDate) throw new InvalidArgumentError("It must be a date like 2025-01-31.");
  return text;
}

const print = (result: object): void => {
  process.stdout.write(`${JSON.stringify(result)}\n`);
};

async function inContext(verb: string, run: (ctx: LoadContext) => Promise<object>): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("stopped")));
  await using ctx = commandContext(verb, chosenAddress, stop.signal);
  print(await run(ctx));
}

function addFiles(program: Command): void {
  program
    .command("generate")
    .description("write clients.json, loans.json and payments.json to RAW_DIR")
    .option("--num-clients <n>", "how many clients", whole, scales.demo)
    .option("--seed <n>", "equal seeds give equal files", whole, 42)
    .option(
      "--pass <n>",
      "1 for the first delivery; a later one has the clients after it",
      whole,
      1,
    )
    .option("--today <date>", "the end of all loans (default: today)", date)
    .action(async ({ today, ...options }: GenerateVerb) => {
      const { rawDir, startLoanDate } = readSettings();
      const until = today ?? new Date().toISOString().slice(0, 10);
      print(await generateFiles({ rawDir, startLoanDate, today: until, ...options }));
    });
  program
    .command("split")
    .description("split the raw files into parts below SPLIT_DIR, each holding the one before")
    .option("--parts <n>", "how many parts", whole, 5)
    .option("--after <n>", "the number of the last part that there is already", whole, 0)
    .action(async (options: { parts: number; after: number }) => {
      const { rawDir, splitDir } = readSettings();
      print(await splitFiles({ rawDir, splitDir, ...options }));
    });
}

interface GenerateVerb {
  readonly numClients: number;
  readonly seed: number;
  readonly pass: number;
  readonly today?: string;
}

function addDatabase(program: Command): void {
  program
    .command("schema")
    .alias("shema")
    .description("create schemas, types, tables and views; what is there stays")
    .action(() => inContext("schema", initSchema));
  program
    .command("load")
    .description("load one part, or all that are not loaded yet, through all layers")
    .addOption(new Option("--part <n>", "the number of the part").argParser(whole).conflicts("all"))
    .option("--all", "every part that is not loaded, in order")
    .action((options: { part?: number; all?: boolean }, command: Command) => {
      if (options.part === undefined && options.all !== true) {
        command.error("error: give --part <n> or --all");
      }
      return inContext("load", (ctx) => loadParts(ctx, readSettings().splitDir, options));
    });
}

function buildProgram(): Command {
  const program = new Command("loans")
    .description("Loads loans, their clients and payments, and says which are overdue.")
    .exitOverride();
  addFiles(program);
  addDatabase(program);
  return program;
}

function codeOf(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCodes.done : exitCodes.misuse;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text}\n`);
  if (!(error instanceof TidemillError)) return exitCodes.failed;
  if (misuses.has(error.code)) return exitCodes.misuse;
  return unreachables.has(error.code) ? exitCodes.unreachable : exitCodes.failed;
}

/**
 * The verbs `generate`, `split`, `schema` (also `shema`) and `load`. A file `.env` of this folder fills in settings that
 * the environment does not have.
 *
 * @returns The exit code: 0 done, 1 the work failed, 2 misuse, 3 the database cannot be reached.
 */
export async function runLoans(args: readonly string[]): Promise<number> {
  try {
    if (existsSync(".env")) loadEnvFile(".env");
    await buildProgram().parseAsync([...args], { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return codeOf(error);
  }
}
