import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import { checkedUrl, type UriForm } from "../checked-uri.ts";
import type { PostgresHook } from "./hook.ts";
import { openPostgres } from "./open.ts";

const form: UriForm = {
  schemes: ["postgres", "postgresql"],
  example: "postgres://user:password@host:5432/database",
};

/**
 * A PostgreSQL database.
 *
 * The URI is libpq's: `postgres://user:password@host:5432/database?sslmode=verify-full&sslrootcert=/run/ca.pem`;
 * `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `application_name` mean what they mean to psql.
 * Each attempt has up to six sessions, in UTC, with a lock timeout of one minute and an idle timeout of five
 * minutes inside a transaction; when the attempt is aborted its statements are cancelled.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for an address of another kind; `TIDEMILL_CONNECTION_UNREACHABLE` at the first use, with the address and the remedy.
 * @example export const dwh = postgres("dwh"); // TIDEMILL_CONN_DWH=postgres://etl:secret@localhost/dwh
 */
export function postgres(connectionId: string): ConnectionRef<PostgresHook> {
  const remedy = `start it, or set ${connectionVariable(connectionId)} to one that runs`;
  const checked = (uri: string): string => checkedUrl(connectionId, uri, form);
  return {
    connectionId,
    system: "PostgreSQL",
    open: async (uri, signal) => openPostgres(checked(uri), remedy, signal),
    async test(uri, signal) {
      await using hook = await openPostgres(checked(uri), remedy, signal);
      const { rows } = await hook.query<{ version: string }>("select version()");
      return rows[0]?.version ?? "";
    },
  };
}
