import { tidemillError } from "../kernel/errors.ts";
import { checkIdOrThrow } from "../kernel/ids.ts";
import { checkOutput, type JsonValue } from "../kernel/json.ts";
import { assetList, assetUpdateFromOutside } from "../store/asset.ts";
import { eventInsert } from "../store/dag.ts";
import { camelRow } from "./camel-row.ts";
import type { ChangeOptions, Scope } from "./scope.ts";

export interface UpdateAssetOptions extends ChangeOptions {
  /** What the runs that it brings about read of it. Defaults to `null`. */
  readonly payload?: JsonValue | undefined;
}

/** Tells that an asset was updated by something that is no task. */
export async function updateAsset(
  { database, actor }: Scope,
  asset: string,
  { payload = null, why }: UpdateAssetOptions = {},
): Promise<void> {
  checkIdOrThrow("Asset", asset);
  const checked = checkOutput(payload);
  if ("problem" in checked) {
    throw tidemillError("TIDEMILL_INPUT_INVALID", {
      subject: `The payload of asset "${asset}"`,
      problem: `cannot be stored: ${checked.problem} at ${checked.path}`,
      remedy: "send JSON of at most 256 KiB, or a reference to what is larger",
    });
  }
  await database.transaction(async (tx) => {
    await assetUpdateFromOutside(tx, { asset, payload: checked.json, updatedBy: actor });
    await eventInsert(tx, { name: "asset.updated", actor, details: { asset, why } });
  });
}

export interface AssetItem {
  readonly asset: string;
  /** Tasks that update it, as `dag.task`. */
  readonly producers: readonly string[];
  /** DAGs that are scheduled by it. */
  readonly consumers: readonly string[];
  readonly updatedAt: Date | null;
  readonly updatedBy: string | null;
  /** Updates that no run of a consumer has taken yet, counted for each consumer. */
  readonly pending: number;
}

/** The assets that DAGs update or are scheduled by. */
export async function listAssets({ database }: Scope): Promise<readonly AssetItem[]> {
  return (await assetList(database)).map(camelRow);
}
