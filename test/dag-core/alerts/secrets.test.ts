import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { createEngine } from "@tidemill/dag-core/engine";
import { subscribeLogger } from "../../../packages/dag-core/src/kernel/logger.ts";
import { createRedactor } from "../../../packages/dag-core/src/kernel/redact.ts";
import { dagFolder } from "../../helpers/dag-folder.ts";
import { testDatabase } from "../../helpers/database.ts";
import { dagText, engineConfig } from "../../helpers/engine.ts";
import { httpServer } from "../../helpers/http-server.ts";
import { runCli } from "../../helpers/run-cli.ts";
import { telegramServer } from "../../helpers/telegram-server.ts";

const password = 's3cr3t/p@ss "w&rd<+é';
const webhookSecret = "whsec/0123456789+abcdef";

const percentAll = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const unicode = (text: string): string =>
  Array.from(text, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
const html = (text: string): string =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
/** What of a base64 text depends on the secret alone, when `offset` bytes stand before it. */
const base64At = (text: string, offset: number): string =>
  Buffer.from("x".repeat(offset) + text)
    .toString("base64")
    .slice(offset === 0 ? 0 : offset + 1, -4);

/** The secret as it may be written; each of these must be found nowhere. */
const formsOf = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  percentAll(secret),
  percentAll(secret).toUpperCase(),
  base64At(secret, 0),
  base64At(secret, 1),
  base64At(secret, 2),
  Buffer.from(secret).toString("base64url").slice(0, -2),
  Buffer.from(secret).toString("hex"),
  Buffer.from(secret).toString("hex").toUpperCase(),
  JSON.stringify(secret).slice(1, -1),
  JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  unicode(secret),
  html(secret),
];

/** A task that lets its password out in every way that there is. */
const leaky = `
  const password = decodeURIComponent(new URL(process.env["TIDEMILL_CONN_DWH"]).password);
  const bytes = Buffer.from(password);
  const hex = bytes.toString("hex");
  const percent = hex.replace(/../g, "%$&");
  const forms = [
    password, encodeURIComponent(password), percent, percent.toUpperCase(), bytes.toString("base64"),
    Buffer.from("x" + password).toString("base64"), Buffer.from("xx" + password).toString("base64"),
    bytes.toString("base64url"), hex, hex.toUpperCase(), JSON.stringify(password),
    JSON.stringify(JSON.stringify(password)),
    Array.from(password, (c) => "\\\\u" + c.charCodeAt(0).toString(16).padStart(4, "0")).join(""),
    password.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;"),
  ];
  const text = forms.join("\\n");
  const say = async (write) => {
    for (const form of forms) {
      write("whole " + form + "\\n");
      for (const character of form) { write(character); await null; }
      write("\\n");
      for (let at = 0; at < form.length; at += 3) { write(form.slice(at, at + 3)); await null; }
      write("\\n");
    }
  };
  task("print", { run: async ({ log }) => {
    await say((part) => process.stdout.write(part));
    await say((part) => process.stderr.write(part));
    for (const form of forms) {
      console.log("console", form, { form });
      log.info("log " + form, { form, [form]: 1, nested: [{ form }] });
    }
    return { forms, [password]: text };
  } });
  task("remember", { run: async ({ state }) => { await state.set("cursor", { forms }); } });
  task("fail", { run: () => {
    const error = new Error("message " + text, { cause: new Error("cause " + text) });
    error.name = "E" + password; error.detail = text; error.query = { text };
    throw error;
  } });
  task("refuse", { run: () => { throw new FailTask(text); } });
  task("skip", { run: () => { throw new SkipTask(text); } });
  task("wait", { retries: 1, retryDelay: "1ms", run: () => { throw new RetryTask(text, { after: "1ms" }); } });
  task("reject", { run: () => { void Promise.reject(new Error(text)); throw text; } });
  task("bad_output", { run: () => ({ [text]: new Date() }) });
`;

test("a secret is in no table, log line, message or output, however it is written", async () => {
  await using receiver = await httpServer(() => ({ status: 403 }));
  await using db = await testDatabase();
  const server = await telegramServer();
  const broken = `throw new Error("import of " + process.env["TIDEMILL_CONN_DWH"]);\n`;
  await using folder = await dagFolder({
    "leaky.ts": dagText("leaky", leaky, "schedule: null, alerts: { onRetry: true }"),
    "broken.ts": broken,
  });
  const env = {
    TIDEMILL_CONN_DWH: `postgres://etl:${encodeURIComponent(password)}@127.0.0.1:1/dwh`,
    TELEGRAM_BOT_TOKEN: server.token,
    TELEGRAM_CHAT_ID: "42",
    TIDEMILL_TELEGRAM_URL: server.url,
    TIDEMILL_WEBHOOK_URL: `${receiver.url}/services/T0123456789/B0123456789`,
    TIDEMILL_WEBHOOK_SECRET: webhookSecret,
    TIDEMILL_WEBHOOK_PRIVATE: "true",
  };
  server.next({
    kind: "refused",
    code: 400,
    description: `Bad Request: no method ${server.url}/bot${server.token}/sendMessage ${password}`,
  });
  const engine = createEngine({
    config: engineConfig(db.url, folder.path, env),
    role: "scheduler",
    schedules: false,
  });
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  // The log's redactor knows no secret, so that what it would have to mask is seen.
  const bare = {
    redact: (text: string) => text,
    redactJson: <T>(value: T) => value,
    stream: () => createRedactor([]).stream(),
  };
  const logger = subscribeLogger(engine.events, { level: "debug", redactor: bare, stream });
  await engine.start();
  const ended = engine.events.next("dag_run.failed");
  const sent = engine.events.next("alert.failed", { channel: "webhook" });
  const cli = (...args: string[]) =>
    runCli(args, {
      env: { ...env, TIDEMILL_DATABASE_URL: db.url, TIDEMILL_DAGS_FOLDER: folder.path },
    });
  const outputs = [await cli("trigger", "leaky", "--run-id", "r")];
  await ended;
  await sent;
  await engine.stop();
  await logger.stop();
  await server.close();
  for (const command of [
    "logs leaky r -o json",
    "runs show leaky r",
    "tasks explain leaky r fail",
    "tasks test leaky fail",
    "tasks test leaky print",
    "alerts status",
    "dags list-import-errors",
    "connections test dwh",
    "doctor",
  ])
    outputs.push(await cli(...command.split(" ")));

  const tables = await db.database.many<{ name: string }>({
    name: "",
    text: `select format('%I', table_name) as name from information_schema.tables
           where table_schema = current_schema() and table_type = 'BASE TABLE'`,
    parameters: [],
  });
  const rows = await Promise.all(
    tables.map(({ name }) =>
      db.database.many<{ row: string }>({
        name: "",
        text: `select t::text as row from ${name} t`,
        parameters: [],
      }),
    ),
  );
  const places = {
    database: rows
      .flat()
      .map(({ row }) => row)
      .join("\n"),
    log: lines.join(""),
    messages: server.messages.map(({ text, earlier }) => [text, ...earlier].join("\n")).join("\n"),
    webhook: receiver.requests.map(({ body }) => body).join("\n"),
    cli: outputs.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join("\n"),
  };
  const found = Object.entries(places).flatMap(([place, text]) =>
    [password, webhookSecret, server.token, server.token.split(":")[1] ?? ""].flatMap((secret) =>
      formsOf(secret).flatMap((form, at) => {
        const where = text.indexOf(form);
        return where < 0
          ? []
          : [`${place} ${at}: ${text.slice(Math.max(0, where - 120), where + 60)}`];
      }),
    ),
  );
  expect(found).toEqual([]);
  // Each place was looked at with something in it, and the secrets were there to be masked.
  for (const text of Object.values(places)) expect(text).toContain("***");
  for (const part of [/The output of task \W+print\W+ holds/, /of task \W+remember\W+ holds/])
    expect(places.database).toMatch(part);
  expect(rows.flat().length).toBeGreaterThan(100);
});
