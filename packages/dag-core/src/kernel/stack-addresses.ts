import { readFileSync } from "node:fs";
import { z } from "zod";
import { tidemillError } from "./errors.ts";
import { settingTable } from "./settings.ts";

/** A stack without Postgres has an empty address of a database. */
const stackSchema = z.object({
  databaseUrl: z
    .string()
    .transform((url) => url || undefined)
    .optional(),
  connections: z.record(z.string(), z.string().min(1)).default({}),
});

/**
 * The addresses of the local stack; none when it has not been started here.
 *
 * @throws TidemillError `TIDEMILL_CONFIG_INVALID` for a file that holds something else
 */
export function readStack(file: string): z.output<typeof stackSchema> {
  try {
    return stackSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { connections: {} };
    throw tidemillError("TIDEMILL_CONFIG_INVALID", {
      name: settingTable.stackFile.name,
      value: file,
      problem: "which does not hold the addresses of a stack",
      remedy: "remove the file and start the local stack again",
    });
  }
}
