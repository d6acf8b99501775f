import { parentPort, workerData } from "node:worker_threads";
import { Database } from "../store/database.ts";
import { processBeat } from "../store/process.ts";

/** What a heartbeat thread is started with. */
export interface HeartbeatData {
  readonly url: string;
  readonly schema: string;
  readonly processId: string;
  readonly heartbeatMs: number;
  readonly leaseMs: number;
}

const leastAnswerMs = 1_000;
const data = workerData as HeartbeatData;
const database = new Database({
  url: data.url,
  schema: data.schema,
  connections: 1,
  applicationName: "tidemill heartbeat",
  // Early enough that the next beat, on another connection, still saves the lease.
  answerTimeoutMs: Math.max(leastAnswerMs, data.leaseMs / 4),
});
let renewedAt = performance.now();
let isBeating = false;

/** The lease is judged by this thread's own monotonic clock: what could not be renewed in time is lost. */
async function beat(): Promise<void> {
  if (isBeating) return;
  isBeating = true;
  const sentAt = performance.now();
  try {
    if (!(await processBeat(database, data.processId))) return lost();
    renewedAt = sentAt;
    parentPort?.postMessage("alive");
  } catch {
    // The next beat tries again; what matters is how long none has come through.
  } finally {
    isBeating = false;
  }
}

function lost(): void {
  clearInterval(timer);
  parentPort?.postMessage("lost");
}

function watch(): void {
  if (performance.now() - renewedAt > data.leaseMs) return lost();
  void beat();
}

const timer = setInterval(watch, data.heartbeatMs);
void beat();
parentPort?.on("message", () => {
  clearInterval(timer);
  void database
    .close()
    .catch(() => {})
    .then(() => parentPort?.close());
});
