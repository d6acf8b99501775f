import type { JsonValue } from "@tidemill/dag-core";
import type { Stack } from "@tidemill/local";
import type { Summary } from "../../dags/lib/summary.ts";
import type { ServiceStarts } from "../services/start-services.ts";

/** A pipeline as `npm start` shows it: the DAGs of a first pass, in order, and a look at what came of it. */
export interface Pipeline {
  readonly name: string;
  /** Its database on the local Postgres, created before the first pass. */
  readonly database: string;
  /** Services besides the stack, by connection id; one whose address the environment names is not started. */
  readonly services?: ServiceStarts;
  readonly pass: readonly { readonly dagId: string; readonly params?: JsonValue }[];
  summary(connections: Stack["addresses"]["connections"], signal: AbortSignal): Promise<Summary>;
}
