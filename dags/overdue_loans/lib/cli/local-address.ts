import { existsSync, readFileSync } from "node:fs";
import { tidemillError } from "@tidemill/dag-core";
import { z } from "zod";
import { databaseUri } from "../settings.ts";

const stackFile = z.object({ connections: z.record(z.string(), z.string()) });

/** The address that a local stack has left in its file; the stack removes the file when it stops. */
function stackAddress(): string | undefined {
  const file = process.env["TIDEMILL_STACK_FILE"] ?? ".tidemill/stack.json";
  if (!existsSync(file)) return undefined;
  return stackFile.parse(JSON.parse(readFileSync(file, "utf8"))).connections["overdue_loans"];
}

/**
 * The address of the database: what the environment names, else the one of a local stack that runs in this folder.
 *
 * @throws TidemillError `TIDEMILL_CONNECTION_MISSING` for neither.
 */
export function chosenAddress(): string {
  const uri = databaseUri() ?? stackAddress();
  if (uri !== undefined) return uri;
  throw tidemillError("TIDEMILL_CONNECTION_MISSING", {
    connectionId: "overdue_loans",
    variable: "TIDEMILL_CONN_OVERDUE_LOANS",
  });
}
