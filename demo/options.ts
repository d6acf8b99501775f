import { parseArgs } from "node:util";
import type { Pipeline } from "./pipelines/pipeline.ts";

export interface Options {
  readonly once: boolean;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly pipelines: readonly Pipeline[];
}

/** An option that is not known, or a value that it does not take. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** What `--help` prints. */
export const helpOf = (known: readonly Pipeline[]): string => `Usage: npm start -- [options]

Starts PostgreSQL, Kafka, ClickHouse and the scheduler, runs a first pass of a pipeline, shows what is in its tables,
and goes on by the schedules until stopped.

  --pipeline NAME    which pipeline, or "all" (default: the first of the list):
                     ${known.map(({ name }) => name).join(", ")}
  --once             stop after the first pass: exit code 0, or 1 with the reason; each start adds to the data
  --fresh            drop the data of earlier starts first
  --output json      print the result as one JSON object (with npm start --silent, and nothing else)
  --help

Example: npm start -- --once --output json
`;

/**
 * Reads the command line. @returns undefined where help is asked for
 *
 * @throws OptionError
 */
export function readOptions(known: readonly Pipeline[]): Options | undefined {
  const values = parsed();
  if (values.help) return undefined;
  if (!["table", "json"].includes(values.output)) {
    throw new OptionError(`--output "${values.output}" is not known; use table or json`);
  }
  return {
    once: values.once,
    fresh: values.fresh,
    json: values.output === "json",
    pipelines: chosen(known, values.pipeline),
  };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        pipeline: { type: "string" },
        once: { type: "boolean", default: false },
        fresh: { type: "boolean", default: false },
        output: { type: "string", default: "table" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError(`${error instanceof Error ? error.message : String(error)}; see --help`);
  }
}

function chosen(known: readonly Pipeline[], name: string | undefined): readonly Pipeline[] {
  if (name === "all") return known;
  const found = name === undefined ? known.slice(0, 1) : known.filter((one) => one.name === name);
  if (found.length > 0) return found;
  const names = known.map((one) => one.name).join(", ");
  throw new OptionError(`--pipeline "${name}" is not known; use one of ${names}, or all`);
}
