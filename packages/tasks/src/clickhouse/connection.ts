import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import { checkedUrl, type UriForm } from "../checked-uri.ts";
import type { ClickHouseHook } from "./hook.ts";
import { openClickHouse } from "./open.ts";

const form: UriForm = {
  schemes: ["http", "https"],
  example: "https://user:password@host:8443/database",
};

/**
 * A ClickHouse server, reached over HTTP.
 *
 * The URI is `http[s]://user:password@host:8123/database`; with `https`, `sslrootcert`, `sslcert` and `sslkey`
 * name PEM files.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for an address of another kind; `TIDEMILL_CONNECTION_UNREACHABLE` when the server does not answer.
 * @example export const marts = clickhouse("marts"); // TIDEMILL_CONN_MARTS=http://localhost:8123/data_mart
 */
export function clickhouse(connectionId: string): ConnectionRef<ClickHouseHook> {
  const remedy = `start it, or set ${connectionVariable(connectionId)} to one that runs`;
  const checked = (uri: string): string => checkedUrl(connectionId, uri, form);
  return {
    connectionId,
    system: "ClickHouse",
    open: async (uri, signal) => openClickHouse(checked(uri), remedy, signal),
    async test(uri, signal) {
      await using hook = await openClickHouse(checked(uri), remedy, signal);
      const [row] = await hook.query<{ version: string }>("select version() as version");
      return `ClickHouse ${row?.version ?? ""}`;
    },
  };
}
