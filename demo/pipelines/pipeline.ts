import type { JsonValue } from "@tidemill/dag-core";
import type { Stack } from "@tidemill/local";
import type { ServiceStarts } from "../services/start-services.ts";

export interface Headline {
  readonly label: string;
  readonly value: string;
}

/** Rows of a table for people, in order of its columns. */
export type Answer = readonly Readonly<Record<string, string | number | null>>[];

/** What a pipeline has stored, and whether it agrees. */
export interface Summary {
  readonly rows: Readonly<Record<string, number>>;
  readonly reconciled: boolean;
  /** What does not agree, each as a sentence. */
  readonly problems: readonly string[];
  readonly headlines: readonly Headline[];
  /** The questions that the pipeline answers, each with its table. */
  readonly answers?: Readonly<Record<string, Answer>>;
}

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
