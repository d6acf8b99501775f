type CamelKey<K> = K extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail> & string>}`
  : K;
/** A row of the store as the rest of the world writes it: `dag_id` is `dagId`. */
export type CamelRow<Row> = { readonly [K in keyof Row as CamelKey<K>]: Row[K] };

/** @example camelRow({ dag_id: "orders" }) // { dagId: "orders" } */
export function camelRow<Row extends object>(row: Row): CamelRow<Row> {
  const entries = Object.entries(row).map(([key, value]) => [camelName(key), value as unknown]);
  return Object.fromEntries(entries) as CamelRow<Row>;
}

const camelName = (key: string) =>
  key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
