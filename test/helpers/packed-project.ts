import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const names = ["dag-core", "tasks", "local"] as const;
export type PackageName = (typeof names)[number];
export type Tarballs = Readonly<Record<PackageName, string>>;

export interface Ended {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The path of a user outside of this repository: npm as installed, the Node that runs the tests first. */
const outsidePath = [
  path.dirname(process.execPath),
  ...(process.env["PATH"] ?? "").split(":").filter((folder) => !folder.includes("node_modules")),
].join(":");

/** What a user's shell has: nothing of ours. */
function outsideEnvironment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(
    ([name]) => !/^(TIDEMILL_|TELEGRAM_|NODE_OPTIONS$|NODE_ENV$|npm_(?!config_))/.test(name),
  );
  return { ...Object.fromEntries(foreign), PATH: outsidePath, ...env };
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: outsideEnvironment(env), timeout: 150_000, maxBuffer: 10_000_000 };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? null) : 0, stdout, stderr });
    });
  });
}

async function runOrThrow(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, cwd);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
}

/** Builds and packs the packages as a release would. @returns the tarballs */
export async function packPackages(folder: string): Promise<Tarballs> {
  const spaces = names.map((name) => `--workspace=@tidemill/${name}`);
  await runOrThrow("npm", ["pack", ...spaces, `--pack-destination=${folder}`], root);
  const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as {
    readonly version: string;
  };
  const fileOf = (name: string) => path.join(folder, `tidemill-${name}-${version}.tgz`);
  return { "dag-core": fileOf("dag-core"), tasks: fileOf("tasks"), local: fileOf("local") };
}

export interface OutsideProject {
  readonly folder: string;
  write(file: string, text: string): Promise<void>;
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** `npx tidemill ...`, of this project or of nothing. */
  tidemill(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** `npx tidemill dev`, ready when it has said which DAGs it runs. */
  dev(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Dev>;
}

/** Makes a project in a folder of its own and installs packages there. */
export async function outsideProject(
  parent: string,
  installed: readonly string[],
): Promise<OutsideProject> {
  const folder = await mkdtemp(path.join(parent, "project-"));
  const write = async (file: string, text: string) => {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  };
  await write("package.json", '{ "name": "orders", "private": true, "type": "module" }\n');
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await runOrThrow("npm", ["install", ...quiet, ...installed], folder);
  return {
    folder,
    write,
    node: (args, env) => run(process.execPath, args, folder, env),
    tidemill: (args, env) => run("npx", ["--no", "tidemill", "--", ...args], folder, env),
    dev: (args, env = {}) => startDev(folder, args, env),
  };
}

export interface Dev extends AsyncDisposable {
  /** What it said when it was ready. */
  readonly loaded: { readonly dags: readonly string[]; readonly failures: readonly unknown[] };
  /** Ends it as Ctrl+C does, and waits until everything that it started has ended. */
  stop(): Promise<void>;
}

async function startDev(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Dev> {
  const child = spawn("npx", ["--no", "tidemill", "--", "dev", "--output", "json", ...args], {
    cwd,
    env: outsideEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which Ctrl+C reaches as a whole.
    detached: true,
  });
  const ready = Promise.withResolvers<Dev["loaded"]>();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  createInterface({ input: child.stdout }).once("line", (line) => {
    ready.resolve(JSON.parse(line) as Dev["loaded"]);
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  void closed.then(() => ready.reject(new Error(`tidemill dev ended:\n${said}`)));
  let stopping: Promise<void> | undefined;
  const stop = () => {
    if (stopping === undefined && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    stopping ??= closed;
    return stopping;
  };
  const loaded = await ready.promise;
  return { loaded, stop, [Symbol.asyncDispose]: stop };
}

/** A folder outside of the repository, removed at the end. */
export async function outsideFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "tidemill-packed-"));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
