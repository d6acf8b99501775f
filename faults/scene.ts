import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Client, createClient } from "@tidemill/dag-core/client";
import { Database } from "../packages/dag-core/src/store/database.ts";
import { databaseUrlOf, runSql } from "../test/helpers/database-server.ts";
import { type DagFolder, dagFolder } from "../test/helpers/dag-folder.ts";
import { schedulerProcess, type SchedulerProcess } from "../test/helpers/scheduler-process.ts";
import { telegramServer, type TelegramServer } from "../test/helpers/telegram-server.ts";
import { until } from "../test/helpers/until.ts";
import { Proxy } from "./proxy.ts";
import { randomOf } from "./random.ts";
import type { FaultServer } from "./server.ts";
import { ledgerSchema, workload } from "./workload.ts";

export type Role = "scheduler" | "worker";

export interface SceneOptions {
  readonly name: string;
  readonly server: FaultServer;
  readonly engines: readonly Role[];
  readonly leaseMs: number;
  readonly seed: number;
  /** DAG files beside those of every scene. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A process of the installation. */
export interface Member {
  readonly role: Role;
  readonly process: SchedulerProcess;
}

const longestWaitMs = 60_000;

/** How many attempts one process carries at once: as many may be lost with it. */
export const capacity = 2;

/** An installation with work to do, to be hurt: processes, a database behind a proxy, and a chat for its alerts. */
export class Scene implements AsyncDisposable {
  readonly options: SceneOptions;
  readonly random: () => number;
  readonly database: Database;
  readonly client: Client;
  readonly proxy: Proxy;
  readonly telegram: TelegramServer;
  readonly folder: DagFolder;
  /** The DAG files that it began with. */
  readonly files: Readonly<Record<string, string>>;
  readonly members: Member[] = [];
  /** The database without the proxy. */
  readonly url: string;

  private constructor(options: SceneOptions, url: string, parts: Parts) {
    this.options = options;
    this.url = url;
    this.random = randomOf(options.seed);
    this.database = new Database({ url, connections: 2, applicationName: "judge" });
    this.client = createClient({ databaseUrl: url, actor: "judge" });
    this.proxy = parts.proxy;
    this.telegram = parts.telegram;
    this.folder = parts.folder;
    this.files = parts.files;
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const { server, name } = options;
    const database = `faults_${name}_${Date.now().toString(36)}`;
    await runSql(server.url, `create database ${database}`);
    const url = databaseUrlOf(server.url, database);
    await runSql(url, ledgerSchema);
    const startDate = new Date();
    const files = { ...workload({ startDate, longMs: longMsOf(options) }), ...options.files };
    const [proxy, telegram, folder] = await Promise.all([
      Proxy.open(url),
      telegramServer(),
      dagFolder(files),
    ]);
    const scene = new Scene(options, url, { proxy, telegram, folder, files });
    try {
      const [first = "scheduler", ...others] = options.engines;
      // The first brings the schema up to date; a worker refuses to start without.
      await scene.start(first);
      await Promise.all(others.map((role) => scene.start(role)));
      return scene;
    } catch (error) {
      await scene[Symbol.asyncDispose]();
      throw error;
    }
  }

  get leaseMs(): number {
    return this.options.leaseMs;
  }

  /** Takes about as long as a lease, so that it is under way whatever is done to its process. */
  get longMs(): number {
    return longMsOf(this.options);
  }

  /** Starts a process of the installation; `given` says what is otherwise about it. */
  async start(role: Role, given: StartOptions = {}): Promise<Member> {
    const process = await schedulerProcess({
      databaseUrl: this.proxy.url,
      dagsFolder: given.dagsFolder ?? this.folder.path,
      role,
      schedules: true,
      env: { ...this.#environment(), ...given.env },
    });
    const member = { role, process };
    this.members.push(member);
    return member;
  }

  /** One of the processes that are at work, by chance. */
  choose(role?: Role): Member {
    const among = this.members.filter((member) => role === undefined || member.role === role);
    const chosen = among[Math.floor(this.random() * among.length)];
    if (!chosen) throw new Error(`There is no ${role ?? "process"} to choose`);
    return chosen;
  }

  /** Forgets a process that has ended or is about to. */
  leave(member: Member): void {
    this.members.splice(this.members.indexOf(member), 1);
  }

  /** Ends a process in order, with what it carries. */
  async end(member: Member): Promise<void> {
    this.leave(member);
    const end = await member.process.kill("SIGTERM");
    if (end !== 0) throw new Error(`A ${member.role} that was told to stop ended with ${end}`);
  }

  /** Waits until a run has ended. */
  ended(dagId: string, runId: string): Promise<void> {
    return this.isSo(
      `(select ended_at is not null from dag_run where dag_id = '${dagId}' and run_id = '${runId}')`,
    );
  }

  /** Lets the first task of a run of `deploy` end. */
  async release(runId: string): Promise<void> {
    await writeFile(`${this.#journal}.${runId}`, "");
  }

  /** Waits until an SQL expression is true. */
  isSo(question: string): Promise<void> {
    return until(this.database, question, { deadlineMs: longestWaitMs });
  }

  /** The run of each execution that began, as its task wrote it down. */
  async executions(): Promise<readonly string[]> {
    const text = await readFile(this.#journal, "utf8").catch(() => "");
    return text.split("\n").map((line) => line.split(" ")[0] ?? "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.members) process.signal("SIGCONT");
    await Promise.all(this.members.map(({ process }) => process[Symbol.asyncDispose]()));
    await this.client.close();
    await this.database.close();
    await this.proxy[Symbol.asyncDispose]();
    await this.telegram.close();
    await this.folder[Symbol.asyncDispose]();
  }

  get #journal(): string {
    return path.join(this.folder.path, "journal.txt");
  }

  #environment(): Readonly<Record<string, string>> {
    const { leaseMs } = this.options;
    const period = `${Math.min(1_000, Math.round(leaseMs / 4))}ms`;
    return {
      TIDEMILL_LEASE: `${leaseMs}ms`,
      TIDEMILL_HEARTBEAT: `${Math.round(leaseMs / 4)}ms`,
      TIDEMILL_TICK: period,
      TIDEMILL_POLL: period,
      // So many faults in so little time are not what the default is for.
      TIDEMILL_INFRA_RETRIES: "100",
      TIDEMILL_PARALLELISM: String(capacity),
      TIDEMILL_DRAIN: "5s",
      TIDEMILL_CONN_LEDGER: this.url,
      TIDEMILL_CONN_JOURNAL: this.#journal,
      // Each failure is to be told by itself, so that those which were not told can be counted.
      TIDEMILL_ALERT_WINDOW: "50ms",
      TIDEMILL_ALERT_REPEAT: "1ms",
      TELEGRAM_BOT_TOKEN: this.telegram.token,
      TELEGRAM_CHAT_ID: "42",
      TIDEMILL_TELEGRAM_URL: this.telegram.url,
    };
  }
}

interface Parts {
  readonly proxy: Proxy;
  readonly telegram: TelegramServer;
  readonly folder: DagFolder;
  readonly files: Readonly<Record<string, string>>;
}

export interface StartOptions {
  readonly dagsFolder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const longMsOf = ({ leaseMs }: SceneOptions): number => Math.min(4_000, leaseMs);
