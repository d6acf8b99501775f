import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import { checkedUrl, type UriForm } from "../checked-uri.ts";
import type { MysqlHook } from "./hook.ts";
import { openMysql } from "./open.ts";

const form: UriForm = {
  schemes: ["mysql", "mariadb"],
  example: "mysql://user:password@host:3306/database",
};

/**
 * A MySQL or MariaDB database to read from.
 *
 * The URI is `mysql://user:password@host:3306/database`; `mariadb://` says the same; `?sslmode=require` encrypts, `verify-full` checks the
 * certificate as well, against `sslrootcert` if given. The session is in UTC: a `datetime` is read as UTC.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for an address of another kind; `TIDEMILL_CONNECTION_UNREACHABLE` when the server does not answer or refuses the account.
 * @example export const crm = mysql("crm"); // TIDEMILL_CONN_CRM=mysql://etl:secret@localhost/bitrix
 */
export function mysql(connectionId: string): ConnectionRef<MysqlHook> {
  const remedy = `start it, or set ${connectionVariable(connectionId)} to one that runs`;
  const checked = (uri: string): string => checkedUrl(connectionId, uri, form);
  return {
    connectionId,
    system: "MySQL",
    open: async (uri, signal) => openMysql(checked(uri), remedy, signal),
    async test(uri, signal) {
      await using hook = await openMysql(checked(uri), remedy, signal);
      const [row] = await hook.query<{ version: string }>("select version() as version");
      return `MySQL ${row?.version ?? ""}`;
    },
  };
}
