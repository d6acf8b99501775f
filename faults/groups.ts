import type { FaultRow } from "./fault-row.ts";
import { clockRows } from "./rows/clock.ts";
import { codeFiles, codeRows } from "./rows/code.ts";
import { databaseRows } from "./rows/database.ts";
import { outputFiles, outputRows } from "./rows/outputs.ts";
import { processRows } from "./rows/processes.ts";
import { runnerFiles, runnerRows } from "./rows/runner.ts";
import type { Role, SceneOptions } from "./scene.ts";

/** Rows that are tried on one scene, one after the other. */
export interface Group {
  readonly name: string;
  readonly engines: readonly Role[];
  readonly rows: readonly FaultRow[];
  readonly files?: SceneOptions["files"];
  /** Whether its rows harm only what they bring with them, so that they can be tried at the same time. */
  readonly isGentle?: boolean;
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
  { name: "clock", engines: ["scheduler", "worker"], rows: clockRows },
  {
    name: "runner",
    engines: ["scheduler"],
    rows: [...runnerRows, ...outputRows],
    files: { ...runnerFiles, ...outputFiles },
    isGentle: true,
  },
  { name: "code", engines: ["scheduler", "worker"], rows: codeRows, files: codeFiles },
];
