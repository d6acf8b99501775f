import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import type { MysqlHook } from "./hook.ts";
import { openMysql } from "./open.ts";

/**
 * A MySQL or MariaDB database to read from.
 *
 * The URI is `mysql://user:password@host:3306/database`; `?sslmode=require` encrypts, `verify-full` checks the
 * certificate as well, against `sslrootcert` if given. The session is in UTC: a `datetime` is read as UTC.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_CONNECTION_UNREACHABLE` when the server does not answer or refuses the account.
 * @example export const crm = mysql("crm"); // TIDEMILL_CONN_CRM=mysql://etl:secret@localhost/bitrix
 */
export function mysql(connectionId: string): ConnectionRef<MysqlHook> {
  const remedy = `start it, or set ${connectionVariable(connectionId)} to one that runs`;
  return {
    connectionId,
    system: "MySQL",
    open: (uri, signal) => openMysql(uri, remedy, signal),
    async test(uri, signal) {
      await using hook = await openMysql(uri, remedy, signal);
      const [row] = await hook.query<{ version: string }>("select version() as version");
      return `MySQL ${row?.version ?? ""}`;
    },
  };
}
