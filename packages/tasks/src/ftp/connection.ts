import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import { checkedUrl, type UriForm } from "../checked-uri.ts";
import type { FileFolder } from "../files/hook.ts";
import { openFtp } from "./open.ts";

const form: UriForm = {
  schemes: ["ftp", "ftps"],
  example: "ftp://user:password@host:21/folder",
};

/**
 * A folder on an FTP server, read in passive mode.
 *
 * The URI is `ftp://user:password@host:21/folder`; `ftps` encrypts, with the server's certificate checked.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` for an address of another kind; `TIDEMILL_CONNECTION_UNREACHABLE` when the server does not answer or refuses the account.
 * @example export const inbox = ftp("inbox"); // TIDEMILL_CONN_INBOX=ftp://etl:secret@localhost/reports
 */
export function ftp(connectionId: string): ConnectionRef<FileFolder> {
  const remedy = `start it, or set ${connectionVariable(connectionId)} to one that runs`;
  const checked = (uri: string): string => checkedUrl(connectionId, uri, form);
  return {
    connectionId,
    system: "FTP server",
    open: async (uri, signal) => openFtp(checked(uri), remedy, signal),
    async test(uri, signal) {
      await using folder = await openFtp(checked(uri), remedy, signal);
      return `folder with ${(await folder.list()).length} files`;
    },
  };
}
