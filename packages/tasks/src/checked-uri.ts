import { connectionVariable, tidemillError } from "@tidemill/dag-core";

/** How the address of one kind of connection is written. */
export interface UriForm {
  readonly schemes: readonly string[];
  /** A whole address, for the error. */
  readonly example: string;
}

/**
 * Gives back the URI of a connection if it has a scheme of its kind. Read by the rules of another kind it would reach
 * some other server, or send in clear a password that was meant to be encrypted, as `sftp` to an FTP server.
 *
 * @throws TidemillError `TIDEMILL_INPUT_INVALID`, which never shows the URI: it may hold a password
 */
export function checkedScheme(connectionId: string, uri: string, form: UriForm): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined)
    throw wrongUri(connectionId, form, "does not begin with its scheme and ://");
  if (form.schemes.includes(scheme)) return uri;
  const known = form.schemes.join(", ");
  throw wrongUri(connectionId, form, `has scheme "${scheme}", which is none of ${known}`);
}

/** As {@link checkedScheme}, of an address that has to be a URL as a whole. */
export function checkedUrl(connectionId: string, uri: string, form: UriForm): string {
  checkedScheme(connectionId, uri, form);
  if (URL.canParse(uri)) return uri;
  const problem = "cannot be read (what is special in a user or password is written as %40)";
  throw wrongUri(connectionId, form, problem);
}

function wrongUri(connectionId: string, { example }: UriForm, problem: string): Error {
  return tidemillError("TIDEMILL_INPUT_INVALID", {
    subject: `The URI of connection "${connectionId}"`,
    problem,
    remedy: `set ${connectionVariable(connectionId)} to ${example}`,
  });
}
