/** What a deferred task instance waits for. */
export type Awaited =
  | { readonly kind: "event"; readonly name: string }
  | { readonly kind: "run"; readonly dagId: string; readonly runId: string }
  | { readonly kind: "interval"; readonly dagId: string; readonly start: Date };

/**
 * The text under which a wait is stored and told: the same for whoever waits and for whoever tells. Ids have neither
 * `#` nor `@`.
 *
 * @example wakeKey({ kind: "event", name: "orders.approved" }) // "event:orders.approved"
 */
export function wakeKey(awaited: Awaited): string {
  switch (awaited.kind) {
    case "event":
      return `event:${awaited.name}`;
    case "run":
      return `run:${awaited.dagId}#${awaited.runId}`;
    case "interval":
      return `run:${awaited.dagId}@${awaited.start.toISOString()}`;
  }
}

/** @throws Error for a text that {@link wakeKey} did not make */
export function parseWakeKey(key: string): Awaited {
  const [, name] = /^event:(.+)$/.exec(key) ?? [];
  if (name !== undefined) return { kind: "event", name };
  const [, dagId, mark, about] = /^run:([^#@]+)([#@])(.+)$/.exec(key) ?? [];
  if (dagId === undefined || about === undefined) throw new Error(`"${key}" is no wake key`);
  return mark === "#"
    ? { kind: "run", dagId, runId: about }
    : { kind: "interval", dagId, start: new Date(about) };
}
