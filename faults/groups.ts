import type { FaultRow } from "./fault-row.ts";
import { databaseRows } from "./rows/database.ts";
import { processRows } from "./rows/processes.ts";
import type { Role, SceneOptions } from "./scene.ts";

/** Rows that are tried on one scene, one after the other. */
export interface Group {
  readonly name: string;
  readonly engines: readonly Role[];
  readonly rows: readonly FaultRow[];
  readonly files?: SceneOptions["files"];
  /** Whether its rows harm the server itself, so that it must be one of their own. */
  readonly harmsServer?: boolean;
}

/** The fault matrix. `npm run faults` tries all of it; `npm test` one cell of each row. */
export const groups: readonly Group[] = [
  {
    name: "processes",
    engines: ["scheduler", "scheduler", "worker", "worker"],
    rows: processRows,
  },
  {
    name: "database",
    engines: ["scheduler", "worker"],
    rows: databaseRows,
    harmsServer: true,
  },
];
