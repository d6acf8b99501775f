import { SkipTask } from "@tidemill/dag-core";
import { buildMart } from "./build-mart.ts";
import { checkPart, type PartChoice } from "./check-part.ts";
import { checkQuality } from "./check-quality.ts";
import type { LoadContext } from "./load-context.ts";
import { loadEntity } from "./load-entity.ts";
import { entities } from "./records.ts";

/** What came of a load. */
export interface LoadedParts {
  readonly parts: readonly number[];
  /** Rows that a layer took in, by step. */
  readonly rows: Readonly<Record<string, number>>;
  readonly rejected: number;
}

async function chosen(ctx: LoadContext, splitDir: string, choice: PartChoice): Promise<number[]> {
  try {
    return (await checkPart(ctx, splitDir, choice)).parts;
  } catch (error) {
    if (error instanceof SkipTask) return [];
    throw error;
  }
}

/** Loads parts one after another through all layers: the verb `load`, by the functions of the DAG's tasks. */
export async function loadParts(
  ctx: LoadContext,
  splitDir: string,
  choice: PartChoice,
): Promise<LoadedParts> {
  const parts = await chosen(ctx, splitDir, choice);
  const rows: Record<string, number> = { clients: 0, loans: 0, payments: 0, mart: 0 };
  let rejected = 0;
  for (const part of parts) {
    for (const entity of entities) {
      const counts = await loadEntity(ctx, entity, { part, splitDir });
      rows[entity] = (rows[entity] ?? 0) + counts.rowsOut;
      rejected += counts.rowsRejected;
    }
    rows["mart"] = (rows["mart"] ?? 0) + (await buildMart(ctx, [part])).rowsOut;
  }
  if (parts.length > 0) await checkQuality(ctx);
  return { parts, rows, rejected };
}
