import type { LoadCounts } from "../../lib/load-counts.ts";
import type { LoadContext } from "./load-context.ts";
import { loadEntity } from "./load-entity.ts";
import type { Entity } from "./records.ts";
import { readSettings } from "./settings.ts";

/** Loads one entity of several parts, in order; what each part came to is in its place. */
export async function loadEachPart(
  ctx: LoadContext,
  entity: Entity,
  parts: readonly number[],
): Promise<LoadCounts[]> {
  const { splitDir } = readSettings();
  const counts: LoadCounts[] = [];
  for (const part of parts) counts.push(await loadEntity(ctx, entity, { part, splitDir }));
  return counts;
}
