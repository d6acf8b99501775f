import { readStackFile } from "@tidemill/local";
import { tidemillError } from "@tidemill/dag-core";
import { databaseUri } from "../settings.ts";

/**
 * The address of the database: what the environment names, else the one of a local stack that runs in this folder.
 *
 * @throws TidemillError `TIDEMILL_CONNECTION_MISSING` for neither.
 */
export function chosenAddress(): string {
  const uri = databaseUri() ?? readStackFile(".tidemill")?.connections["overdue_loans"];
  if (uri !== undefined) return uri;
  throw tidemillError("TIDEMILL_CONNECTION_MISSING", {
    connectionId: "overdue_loans",
    variable: "TIDEMILL_CONN_OVERDUE_LOANS",
  });
}
