import { createHash } from "node:crypto";
import { canonicalJson } from "../kernel/canonical-json.ts";
import type { DagManifest } from "./manifest.ts";

/**
 * The identity of a manifest: SHA-256, in hex, of its canonical JSON. Equal for equal contents, whatever the order of keys.
 *
 * @example manifestHash(dag.manifest) // "9f86d0..."
 */
export function manifestHash(manifest: DagManifest): string {
  return createHash("sha256").update(canonicalJson(manifest)).digest("hex");
}
