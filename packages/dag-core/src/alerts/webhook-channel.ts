import { createHash, createHmac } from "node:crypto";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { TidemillError } from "../kernel/errors.ts";
import type { Redactor } from "../kernel/redact.ts";
import type { Secret } from "../kernel/secret.ts";
import type { Channel, ChannelMessage, SendResult } from "./channel.ts";
import { resolveAddress } from "./webhook-address.ts";

export interface WebhookChannelOptions {
  readonly url: Secret;
  /** With it every request is signed. */
  readonly secret: Secret;
  /** Whether private, loopback and link-local addresses may be reached. Defaults to false. */
  readonly allowsPrivate?: boolean;
  readonly redactor: Redactor;
  /** Whether it is the one of the settings, named `"webhook"`. Defaults to true. */
  readonly isDefault?: boolean;
  /** How long to wait for an answer, in milliseconds. Defaults to 10,000. */
  readonly timeoutMs?: number;
}

/** HMAC-SHA256 over the timestamp, a dot and the body; the timestamp as in the header `Tidemill-Timestamp`. */
function signatureOf(secret: string, timestamp: string, body: string): string {
  const hash = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return `sha256=${hash}`;
}

/** Posts each alert as signed JSON to one URL. */
export class WebhookChannel implements Channel {
  readonly name: string;
  readonly isKeyed = true;
  readonly #options: WebhookChannelOptions;

  constructor(options: WebhookChannelOptions) {
    const url = options.url.reveal();
    const mark = createHash("sha256").update(url).digest("hex").slice(0, 8);
    const isDefault = options.isDefault ?? true;
    this.name = isDefault ? "webhook" : `webhook:${new URL(url).host}/${mark}`;
    this.#options = options;
  }

  async send(message: ChannelMessage, signal: AbortSignal): Promise<SendResult> {
    const { redactor } = this.#options;
    try {
      return resultOf(await this.#post(message, signal));
    } catch (error) {
      if (error instanceof TidemillError) return { kind: "dead", error: error.message };
      const { code = "aborted" } = error as NodeJS.ErrnoException;
      const problem = `The webhook cannot be reached (${code})`;
      return { kind: "unavailable", error: redactor.redact(problem) };
    }
  }

  async #post(message: ChannelMessage, signal: AbortSignal): Promise<Answer> {
    const { secret, allowsPrivate = false, timeoutMs = 10_000 } = this.#options;
    const url = new URL(this.#options.url.reveal());
    const { address, family } = await resolveAddress(url, allowsPrivate);
    const body = bodyOf(message);
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const options: RequestOptions = {
      method: "POST",
      // The address that was looked at, whatever the name resolves to by now.
      lookup: (_host, { all }, done) => {
        if (all) done(null, [{ address, family }]);
        else done(null, address, family);
      },
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "tidemill-delivery": message.key,
        "tidemill-timestamp": timestamp,
        "tidemill-signature": signatureOf(secret.reveal(), timestamp, body),
      },
    };
    return exchange(url, options, body);
  }
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Sends a request and reads the status; a redirect is an answer like any other, and nobody follows it. */
function exchange(url: URL, options: RequestOptions, body: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, options, (response: IncomingMessage) => {
    response.resume();
    resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] });
  });
  request.on("error", reject);
  request.end(body);
  return promise;
}

function bodyOf({ alerts, key }: ChannelMessage): string {
  const [alert] = alerts;
  return JSON.stringify({
    version: 1,
    delivery: key,
    kind: alert?.kind,
    raisedAt: alert?.raisedAt,
    ...alert?.payload,
  });
}

/** Statuses under 500 that a later attempt may find better. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);
const longestRetryMs = 3_600_000;

function resultOf({ status, retryAfter }: Answer): SendResult {
  if (status >= 200 && status < 300) return { kind: "sent" };
  const error = `The webhook answered ${status}`;
  const isPassing = status >= 500 || passing.has(status);
  if (!isPassing) return { kind: "dead", error: `${error}; correct its address or its receiver` };
  const retryAfterMs = retryAfter === undefined ? undefined : waitOf(retryAfter);
  if (retryAfterMs === undefined) return { kind: "unavailable", error };
  return { kind: "limited", retryAfterMs: Math.min(retryAfterMs, longestRetryMs), error };
}

/** Seconds, or a date. */
function waitOf(retryAfter: string): number | undefined {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
