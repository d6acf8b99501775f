import { type ConnectionRef, connectionVariable } from "@tidemill/dag-core";
import { checkedUrl, type UriForm } from "../checked-uri.ts";
import { unreachable } from "../unreachable.ts";

/** Where an HTTP service is, and as whom it is asked. */
export interface HttpHook extends AsyncDisposable {
  /** Scheme, host, port and path, without a slash at the end, without user, password and options. */
  readonly url: string;
  /** Empty when the URI names none; the same for `password`. */
  readonly user: string;
  readonly password: string;
  /** The options of the URI: what stands after its `?`. */
  readonly options: Readonly<Record<string, string>>;
}

const form: UriForm = {
  schemes: ["http", "https"],
  example: "https://user:password@host/path?option=value",
};

function openHttp(connectionId: string, uri: string): HttpHook {
  const url = new URL(checkedUrl(connectionId, uri, form));
  const { protocol, host, pathname, username, password, searchParams } = url;
  return {
    url: `${protocol}//${host}${pathname.replace(/\/+$/, "")}`,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    options: Object.fromEntries(searchParams),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const testTimeoutMs = 10_000;

/**
 * An HTTP service: `https://user:password@host/path?option=value`. The hook says where it is and what else the URI
 * holds; what user, password and options mean is for the caller, who asks by {@link httpRequest}.
 *
 * @param connectionId The address is read from `TIDEMILL_CONN_<ID>`.
 * @throws TidemillError `TIDEMILL_INPUT_INVALID` when the address is not an HTTP one.
 * @example export const shopReports = http("shop_reports");
 */
export function http(connectionId: string): ConnectionRef<HttpHook> {
  return {
    connectionId,
    system: "HTTP service",
    open: (uri) => Promise.resolve().then(() => openHttp(connectionId, uri)),
    async test(uri, signal) {
      const { url } = openHttp(connectionId, uri);
      const limited = AbortSignal.any([signal, AbortSignal.timeout(testTimeoutMs)]);
      const { status } = await fetch(url, { method: "HEAD", signal: limited }).catch(
        (error: unknown) => {
          const remedy = `start it, or set ${connectionVariable(connectionId)} to one that runs`;
          throw unreachable({ system: "HTTP service", address: new URL(url).host, remedy }, error);
        },
      );
      return `HTTP service, answers ${status}`;
    },
  };
}
