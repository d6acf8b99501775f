import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import { checkedUrl, type UriForm } from "../checked-uri.ts";
import type { OracleHook } from "./hook.ts";
import { openOracle } from "./open.ts";

const form: UriForm = {
  schemes: ["oracle"],
  example: "oracle://user:password@host:1521/service",
};

/**
 * An Oracle database to read from, by the driver's thin mode: nothing has to be installed.
 *
 * The URI is `oracle://user:password@host:1521/service`; `?protocol=tcps` encrypts.
 *
 * The client is tested against answers written from the documentation of node-oracledb and of Oracle's errors, not
 * against a server: try it on yours (`tidemill connections test <id>`) before you rely on it.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for an address of another kind; `TIDEMILL_CONNECTION_UNREACHABLE` when the server does not answer or refuses the account.
 * @example export const core = oracle("core"); // TIDEMILL_CONN_CORE=oracle://etl:secret@localhost/FREEPDB1
 */
export function oracle(connectionId: string): ConnectionRef<OracleHook> {
  const remedy = `start it, or set ${connectionVariable(connectionId)} to one that runs`;
  const checked = (uri: string): string => checkedUrl(connectionId, uri, form);
  return {
    connectionId,
    system: "Oracle",
    open: async (uri, signal) => openOracle(checked(uri), remedy, signal),
    async test(uri, signal) {
      await using hook = await openOracle(checked(uri), remedy, signal);
      const [row] = await hook.query<{ banner: string }>("select banner from v$version");
      return row?.banner ?? "Oracle";
    },
  };
}
