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
const mostRetryMs = 1_000;
const data = workerData as HeartbeatData;
const database = new Database({
  url: data.url,
  schema: data.schema,
  connections: 1,
  applicationName: "tidemill heartbeat",
  // Early enough that the next beat, on another connection, still saves the lease.
  answerTimeoutMs: Math.max(leastAnswerMs, data.leaseMs / 4),
});
const retryMs = Math.min(mostRetryMs, data.heartbeatMs / 5);
let retry: NodeJS.Timeout | undefined;
let isBeating = false;
let isLost = false;
let isStopped = false;

async function beat(): Promise<void> {
  if (isBeating) return;
  isBeating = true;
  const sentAt = performance.now();
  try {
    if (!(await processBeat(database, data.processId))) return lost();
    if (isLost) return;
    clearTimeout(leaseEnd);
    leaseEnd = endOfLease(sentAt);
    parentPort?.postMessage("alive");
  } catch {
    // Soon again: a database that is back just before the lease ends must find a beat, not the wait for the next one.
    clearTimeout(retry);
    if (!isLost && !isStopped) retry = setTimeout(() => void beat(), retryMs);
  } finally {
    isBeating = false;
  }
}

function lost(): void {
  if (isLost) return;
  isLost = true;
  quiet();
  parentPort?.postMessage("lost");
}

function quiet(): void {
  clearInterval(timer);
  clearTimeout(retry);
  clearTimeout(leaseEnd);
}

/**
 * The lease is judged by this thread's own monotonic clock, to the moment: it ends here before it does in the database,
 * so that what runs under it is told to stop before anybody may start it again.
 */
function endOfLease(renewedAt: number): NodeJS.Timeout {
  return setTimeout(lost, renewedAt + data.leaseMs - performance.now());
}

const timer = setInterval(() => void beat(), data.heartbeatMs);
let leaseEnd = endOfLease(performance.now());
void beat();
parentPort?.on("message", () => {
  isStopped = true;
  quiet();
  void database
    .close()
    .catch(() => {})
    .then(() => parentPort?.close());
});
