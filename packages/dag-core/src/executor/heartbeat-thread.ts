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
let isBeating = false;
let isLost = false;

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
    // The next beat tries again; what matters is how long none has come through.
  } finally {
    isBeating = false;
  }
}

function lost(): void {
  if (isLost) return;
  isLost = true;
  clearInterval(timer);
  clearTimeout(leaseEnd);
  parentPort?.postMessage("lost");
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
  clearInterval(timer);
  clearTimeout(leaseEnd);
  void database
    .close()
    .catch(() => {})
    .then(() => parentPort?.close());
});
