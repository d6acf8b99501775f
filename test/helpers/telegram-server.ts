import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A message that the server has taken. */
export interface TakenMessage {
  readonly messageId: number;
  readonly chatId: string;
  text: string;
  readonly parseMode: string | undefined;
  readonly replyTo: number | undefined;
  readonly threadId: number | undefined;
  /** Files that answer it, by name. */
  readonly documents: string[];
  /** What it said before it was changed. */
  readonly earlier: string[];
  /** When it came, in milliseconds of the process's steady clock. */
  readonly at: number;
}

/** What the server does with one request instead of taking its message and saying so. */
export type Misbehaviour =
  | { readonly kind: "limited"; readonly retryAfter: number }
  | { readonly kind: "trouble"; readonly status: number; readonly body?: string }
  | { readonly kind: "refused"; readonly code: number; readonly description: string }
  | { readonly kind: "moved"; readonly chatId: number }
  /** Refuses HTML, as for a tag that it does not know. */
  | { readonly kind: "unformatted" }
  /** Takes the message and never answers. */
  | { readonly kind: "silent" }
  /** Takes the message and breaks the connection. */
  | { readonly kind: "broken" };

/** A limit on the messages to one chat that the server keeps by itself. */
export interface ServerLimit {
  readonly most: number;
  readonly windowMs: number;
}

export interface TelegramServerOptions {
  /** Requests beyond it are answered with 429. Defaults to none. */
  readonly limit?: ServerLimit;
  /** The only token that it lets in. Defaults to one of the right form. */
  readonly token?: string;
}

export interface TelegramServer {
  readonly url: string;
  readonly token: string;
  /** What has been taken, in order. */
  readonly messages: readonly TakenMessage[];
  /** Requests of any outcome. */
  readonly requests: () => number;
  /** Requests that were refused since they came too fast. */
  readonly refused: () => number;
  /** When each request to a chat that was let in came. */
  readonly times: (chatId: string) => readonly number[];
  /** What to do with the next requests, one each. */
  next(...misbehaviours: readonly Misbehaviour[]): void;
  /** Settles when `count` messages in all have been taken. */
  taken(count: number, deadlineMs?: number): Promise<readonly TakenMessage[]>;
  /** Settles when `count` requests in all have come. */
  requested(count: number, deadlineMs?: number): Promise<void>;
  close(): Promise<void>;
}

interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
}
interface Answer {
  readonly status: number;
  readonly body: object | string;
}

const limit = 4_096;
const knownTags = new Set(["b", "i", "u", "s", "code", "pre", "a", "blockquote"]);

/** A server that speaks as much of the Bot API as `sendMessage` needs, on a free port of the loopback. */
export async function telegramServer(options: TelegramServerOptions = {}): Promise<TelegramServer> {
  const token = options.token ?? "7000000001:AAHonest_Server-Token-0123456789abcdef";
  const messages: TakenMessage[] = [];
  const script: Misbehaviour[] = [];
  const waiters = new Set<Waiter>();
  const times = new Map<string, number[]>();
  let requests = 0;
  let refused = 0;

  const notice = (): void => {
    for (const waiter of waiters) if (waiter.isDone()) waiter.resolve();
  };
  const isTooFast = (chatId: string): boolean => {
    const at = performance.now();
    const { most, windowMs } = options.limit ?? { most: Infinity, windowMs: 0 };
    const all = times.get(chatId) ?? [];
    const recent = all.filter((time) => time > at - windowMs);
    if (recent.length >= most) return true;
    times.set(chatId, [...all, at]);
    return false;
  };
  const take = (fields: Fields, method: string): TakenMessage | undefined => {
    if (method === "editMessageText") {
      const message = messages.find((one) => String(one.messageId) === fields.get("message_id"));
      message?.earlier.push(message.text);
      if (message) message.text = fields.get("text") ?? "";
      return message;
    }
    const target = replyOf(fields);
    const document = fields.get("document");
    if (method === "sendDocument") {
      const answered = messages.find((one) => one.messageId === target);
      answered?.documents.push(document ?? "");
      return answered;
    }
    const message = takenOf(fields, messages.length + 1);
    messages.push(message);
    return message;
  };
  const server = createServer((request, response) => {
    void readBody(request)
      .then((body) => {
        requests += 1;
        const fields = fieldsOf(request, body);
        const behaviour = script.shift();
        const method = request.url?.split("/").at(-1) ?? "";
        const refusal = check(request, method, fields, token);
        if (refusal) return reply(response, refusal);
        if (isTooFast(fields.get("chat_id") ?? "")) {
          refused += 1;
          return reply(response, answerOf({ kind: "limited", retryAfter: 1 }));
        }
        if (behaviour?.kind === "silent") return void take(fields, method);
        if (behaviour?.kind === "broken") {
          take(fields, method);
          return void request.socket.destroy();
        }
        if (behaviour) return reply(response, answerOf(behaviour));
        const message = take(fields, method);
        if (!message) return reply(response, refuse(400, "Bad Request: message to edit not found"));
        reply(response, { status: 200, body: { ok: true, result: resultOf(message) } });
      })
      .finally(notice);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  const wait = async (isDone: () => boolean, wanted: string, deadlineMs: number): Promise<void> => {
    if (isDone()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = AbortSignal.timeout(deadlineMs);
    late.onabort = () =>
      reject(
        new Error(
          `${wanted} did not come; there are ${messages.length} messages of ${requests} requests`,
        ),
      );
    const waiter = { isDone, resolve };
    waiters.add(waiter);
    try {
      await promise;
    } finally {
      late.onabort = null;
      waiters.delete(waiter);
    }
  };
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    messages,
    requests: () => requests,
    refused: () => refused,
    times: (chatId) => times.get(chatId) ?? [],
    next: (...misbehaviours) => void script.push(...misbehaviours),
    async taken(count, deadlineMs = 60_000) {
      await wait(() => messages.length >= count, `Message ${count}`, deadlineMs);
      return messages;
    },
    requested: (count, deadlineMs = 60_000) =>
      wait(() => requests >= count, `Request ${count}`, deadlineMs),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function reply(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

const refuse = (code: number, description: string, parameters?: object): Answer => ({
  status: code,
  body: { ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) },
});

type Fields = ReadonlyMap<string, string>;

/** A form, or parts of which files give their names. */
function fieldsOf(request: IncomingMessage, body: string): Fields {
  const boundary = /boundary=(\S+)/.exec(request.headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) return new Map(new URLSearchParams(body));
  const parts = body.split(`--${boundary}`).flatMap((part) => {
    const [head = "", ...text] = part.split("\r\n\r\n");
    const name = /name="([^"]*)"/.exec(head)?.[1];
    const file = /filename="([^"]*)"/.exec(head)?.[1];
    const value = text.join("\r\n\r\n").replace(/\r\n$/, "");
    return name === undefined ? [] : [[file ? "document" : name, file ?? value] as const];
  });
  return new Map(
    parts.toSorted(
      ([, a], [, b]) => Number(b.startsWith("attach:")) - Number(a.startsWith("attach:")),
    ),
  );
}

const me: Answer = {
  status: 200,
  body: { ok: true, result: { id: 1, is_bot: true, first_name: "test", username: "test_bot" } },
};
const methods: ReadonlySet<string> = new Set(["sendMessage", "editMessageText", "sendDocument"]);

function check(
  request: IncomingMessage,
  method: string,
  fields: Fields,
  token: string,
): Answer | undefined {
  if (request.url !== `/bot${token}/${method}`) return refuse(401, "Unauthorized");
  if (method === "getMe") return me;
  if (!methods.has(method)) return refuse(404, "Not Found");
  const text = fields.get("text") ?? "";
  if (!fields.get("chat_id")) return refuse(400, "Bad Request: chat_id is empty");
  if (method === "sendDocument") return undefined;
  if (text === "") return refuse(400, "Bad Request: message text is empty");
  if (text.length > limit) return refuse(400, "Bad Request: message is too long");
  const problem = fields.get("parse_mode") === "HTML" ? htmlProblem(text) : undefined;
  return problem === undefined
    ? undefined
    : refuse(400, `Bad Request: can't parse entities: ${problem}`);
}

function answerOf(behaviour: Exclude<Misbehaviour, { kind: "silent" | "broken" }>): Answer {
  switch (behaviour.kind) {
    case "limited":
      return refuse(429, `Too Many Requests: retry after ${behaviour.retryAfter}`, {
        retry_after: behaviour.retryAfter,
      });
    case "trouble":
      return { status: behaviour.status, body: behaviour.body ?? "<html>Bad Gateway</html>" };
    case "refused":
      return refuse(behaviour.code, behaviour.description);
    case "moved":
      return refuse(400, "Bad Request: group chat was upgraded to a supergroup chat", {
        migrate_to_chat_id: behaviour.chatId,
      });
    case "unformatted":
      return refuse(
        400,
        "Bad Request: can't parse entities: Unsupported start tag at byte offset 0",
      );
  }
}

/** As the Bot API reads HTML: known tags, closed in order, and no bare sign. */
export function htmlProblem(text: string): string | undefined {
  const open: string[] = [];
  for (const [, closing, tag, rest, entity] of text.matchAll(/<(\/?)([a-z]*)([^>]*)>|&(\w*;?)/g)) {
    if (entity !== undefined) {
      if (!/^(lt|gt|amp|quot);$/.test(entity)) return `Unknown entity &${entity}`;
    } else if (tag === undefined || !knownTags.has(tag))
      return `Unsupported start tag "${tag}${rest}"`;
    else if (closing === "") open.push(tag);
    else if (open.pop() !== tag) return `Unmatched end tag </${tag}>`;
  }
  if (/[<>]/.test(text.replace(/<\/?[a-z]+[^<>]*>/g, ""))) return "Bare < or >";
  return open.length === 0 ? undefined : `Can't find end tag of <${open.at(-1)}>`;
}

function replyOf(fields: Fields): number | undefined {
  const reply = fields.get("reply_parameters");
  return reply === undefined ? undefined : (JSON.parse(reply) as { message_id: number }).message_id;
}

function takenOf(fields: Fields, messageId: number): TakenMessage {
  const thread = fields.get("message_thread_id");
  return {
    messageId,
    chatId: fields.get("chat_id") ?? "",
    text: fields.get("text") ?? "",
    parseMode: fields.get("parse_mode"),
    replyTo: replyOf(fields),
    threadId: thread === undefined ? undefined : Number(thread),
    documents: [],
    earlier: [],
    at: performance.now(),
  };
}

const resultOf = ({ messageId, chatId, text }: TakenMessage): object => ({
  message_id: messageId,
  date: Math.floor(Date.now() / 1_000),
  chat: { id: Number(chatId), type: "private" },
  text,
});
