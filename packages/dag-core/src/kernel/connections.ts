import { Secret } from "./secret.ts";

export const connectionPrefix = "TIDEMILL_CONN_";

/**
 * The variable that holds a connection's URI.
 *
 * @example connectionVariable("shop-dwh") // "TIDEMILL_CONN_SHOP_DWH"
 */
export function connectionVariable(connectionId: string): string {
  return connectionPrefix + keyOf(connectionId).toUpperCase();
}

/** Ids that differ in case or punctuation only share a variable, so they share an address. */
const keyOf = (connectionId: string): string =>
  connectionId.toLowerCase().replace(/[^a-z0-9]/g, "_");

/** Addresses by connection id, as read from the environment and the local stack. */
export class Connections {
  readonly #uris: ReadonlyMap<string, Secret>;

  constructor(uris: Readonly<Record<string, string>>) {
    const entries = Object.entries(uris);
    this.#uris = new Map(entries.map(([id, uri]) => [keyOf(id), new Secret(uri)]));
    Object.freeze(this);
  }

  /** Ids with an address, in lower case, sorted. */
  ids(): readonly string[] {
    return [...this.#uris.keys()].sort();
  }

  has(connectionId: string): boolean {
    return this.#uris.has(keyOf(connectionId));
  }

  get(connectionId: string): Secret | undefined {
    return this.#uris.get(keyOf(connectionId));
  }
}
