import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dagFolder } from "../../test/helpers/dag-folder.ts";
import type { FaultRow } from "../fault-row.ts";
import type { Member, Role, Scene } from "../scene.ts";
import { nextWork } from "../workload.ts";

async function kill(scene: Scene, members: readonly Member[]): Promise<void> {
  for (const member of members) scene.leave(member);
  await Promise.all(members.map(({ process }) => process.kill("SIGKILL")));
}

/** Kills one process of a kind; another one takes its place once the others have done without it. */
function killed(role: Role): FaultRow {
  return {
    name: `${role} killed`,
    loses: "victims",
    mustLose: true,
    async inject(scene) {
      const victim = scene.choose(role);
      await kill(scene, [victim]);
      return { victims: [victim] };
    },
    restore: (scene) => scene.start(role),
  };
}

const oneOfEachKilled: FaultRow = {
  name: "scheduler and worker killed",
  loses: "victims",
  mustLose: true,
  async inject(scene) {
    const victims = [scene.choose("scheduler"), scene.choose("worker")];
    await kill(scene, victims);
    return { victims };
  },
  restore: (scene) => Promise.all([scene.start("scheduler"), scene.start("worker")]),
};

const allSchedulersKilled: FaultRow = {
  name: "all schedulers killed, then started",
  loses: "victims",
  mustLose: true,
  async inject(scene) {
    const victims = scene.members.filter(({ role }) => role === "scheduler");
    const since = performance.now();
    await kill(scene, victims);
    await Promise.all(victims.map(() => scene.start("scheduler")));
    return { victims, since };
  },
};

/** Its runners go on, as they do when only the process itself is starved. */
function frozen(role: Role): FaultRow {
  return {
    name: `${role} stopped for two leases, then continued`,
    loses: "victims",
    mustLose: true,
    async inject(scene) {
      const victim = scene.choose(role);
      await stopFor(scene, victim, [victim.process.pid]);
      return { victims: [victim] };
    },
  };
}

/** As when a machine sleeps. */
const frozenWhole: FaultRow = {
  name: "worker and its runners stopped for two leases, then continued",
  loses: "victims",
  mustLose: true,
  async inject(scene) {
    const victim = scene.choose("worker");
    await stopFor(scene, victim, [victim.process.pid, ...childrenOf(victim.process.pid)]);
    return { victims: [victim] };
  },
};

async function stopFor(scene: Scene, victim: Member, pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  await sleep(2 * scene.leaseMs);
  for (const pid of pids) if (!victim.process.hasEnded) process.kill(pid, "SIGCONT");
}

function childrenOf(pid: number): readonly number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.flatMap((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  });
}

/** Each process in its turn: the new one is at work before the old one is told to end. */
const rollingRestart: FaultRow = {
  name: "rolling restart",
  loses: "victims",
  mustLose: false,
  async inject(scene) {
    const old = [scene.choose("scheduler"), scene.choose("worker")];
    for (const member of old) await replace(scene, member);
    return { victims: old };
  },
};

async function replace(scene: Scene, old: Member, dagsFolder?: string): Promise<Member> {
  const fresh = await scene.start(old.role, dagsFolder === undefined ? {} : { dagsFolder });
  await scene.end(old);
  return fresh;
}

/** One scheduler and one worker have the next version of a DAG while the others have this one. */
const otherVersion: FaultRow = {
  name: "code that differs by one DAG version",
  loses: "victims",
  mustLose: false,
  async inject(scene) {
    const folder = await dagFolder({ ...scene.files, "work.ts": nextWork(scene.longMs) });
    const old = [scene.choose("scheduler"), scene.choose("worker")];
    for (const member of old) await replace(scene, member, folder.path);
    await scene.client.trigger("work");
    return { victims: old };
  },
};

export const processRows: readonly FaultRow[] = [
  killed("worker"),
  killed("scheduler"),
  oneOfEachKilled,
  allSchedulersKilled,
  frozen("worker"),
  frozen("scheduler"),
  frozenWhole,
  rollingRestart,
  otherVersion,
];
