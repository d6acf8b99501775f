import { stat } from "node:fs/promises";
import type { Config } from "../kernel/config.ts";
import { TidemillError, toError } from "../kernel/errors.ts";
import type { Database } from "../store/database.ts";
import { alertWays } from "./alert-ways.ts";
import { isLocalInstalled } from "./local-stack.ts";
import { isNodeNewEnough, leastNode } from "./node-version.ts";
import { withDatabase } from "./session.ts";

export interface Finding {
  readonly subject: string;
  readonly verdict: "good" | "note" | "problem";
  readonly says: string;
}

/** Looks at what an installation needs. Never throws: what goes wrong is a finding. */
export async function examine(config: Config): Promise<readonly Finding[]> {
  return [
    nodeFinding(process.versions.node),
    await folderFinding(config.dagsFolder),
    ...(await databaseFindings(config)),
    localFinding(),
    ...(await alertFindings(config)),
    ...config.warnings.map((says): Finding => ({ subject: "settings", verdict: "note", says })),
  ];
}

function nodeFinding(version: string): Finding {
  const isNew = isNodeNewEnough(version);
  const says = isNew ? version : `${version}; install ${leastNode} or newer`;
  return { subject: "node", verdict: isNew ? "good" : "problem", says };
}

async function folderFinding(folder: string): Promise<Finding> {
  const subject = "folder of DAGs";
  const isThere = (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
  if (!isThere) return { subject, verdict: "problem", says: `${folder} does not exist; create it` };
  const { findDagFiles } = await import("../registry/load.ts");
  const files = await findDagFiles(folder);
  return { subject, verdict: "good", says: `${folder}, ${files.length} DAG files` };
}

async function databaseFindings(config: Config): Promise<readonly Finding[]> {
  try {
    return await withDatabase(config, databaseFacts);
  } catch (error) {
    const says = error instanceof TidemillError ? error.message : String(toError(error));
    return [{ subject: "database", verdict: "problem", says }];
  }
}

async function databaseFacts(database: Database): Promise<readonly Finding[]> {
  const { migrationState } = await import("../store/migrate.ts");
  const { found, known, pending, isTooNew } = await migrationState(database);
  const reached: Finding = { subject: "database", verdict: "good", says: database.address };
  const isBehind = pending.length > 0;
  if (isBehind || isTooNew) {
    const remedy = isTooNew ? "upgrade Tidemill here" : 'run "tidemill db migrate"';
    const says = `${found}, this version knows ${known}; ${remedy}`;
    return [reached, { subject: "schema", verdict: "problem", says }];
  }
  const schema: Finding = { subject: "schema", verdict: "good", says: String(found) };
  return [reached, schema, ...(await runningFacts(database))];
}

async function runningFacts(database: Database): Promise<readonly Finding[]> {
  const { brokenFiles, checkHealth } = await import("../client/health.ts");
  const health = await checkHealth({ database, actor: "doctor" });
  const { schedulers, workers, importErrors, stuck } = health;
  const others = health.problems.filter((says) => says !== stuck);
  const says = `${schedulers} schedulers and ${workers} workers are alive`;
  return [
    { subject: "processes", verdict: schedulers > 0 ? "good" : "note", says },
    ...others.map((says): Finding => ({ subject: "health", verdict: "note", says })),
    ...health.alertTroubles.map((says): Finding => ({
      subject: "alerts",
      verdict: "problem",
      says,
    })),
    ...(stuck === undefined
      ? []
      : [{ subject: "stuck", verdict: "problem", says: stuck } as const]),
    ...brokenFiles(importErrors).map((says): Finding => ({
      subject: "DAG files",
      verdict: "problem",
      says,
    })),
  ];
}

function localFinding(): Finding {
  const isThere = isLocalInstalled();
  const says = isThere ? "@tidemill/local is installed" : "@tidemill/local is not installed";
  return { subject: "local stack", verdict: isThere ? "good" : "note", says };
}

async function alertFindings(config: Config): Promise<readonly Finding[]> {
  const refused = await refusedWebhooks(config);
  return refused.length > 0 ? refused : [alertFinding(config)];
}

/** The webhooks that would get no alert, told before the first one is due. */
async function refusedWebhooks({ webhook, alertRoutes }: Config): Promise<readonly Finding[]> {
  const { resolveAddress } = await import("../alerts/webhook-address.ts");
  const targets = [webhook.target, ...alertRoutes.map((route) => route.webhook)];
  const urls = targets.flatMap((target) => (target ? [new URL(target.url.reveal())] : []));
  const asked = [...new Map(urls.map((url) => [url.hostname, url])).values()].map(async (url) => {
    try {
      await resolveAddress(url, webhook.allowsPrivate);
      return [];
    } catch (error) {
      const lost = `Webhook host "${url.hostname}" is not found from here (${toError(error).message}); correct TIDEMILL_WEBHOOK_URL or the route`;
      const says = error instanceof TidemillError ? error.message : lost;
      return [{ subject: "alerts", verdict: "problem", says } as const];
    }
  });
  return (await Promise.all(asked)).flat();
}

function alertFinding(config: Config): Finding {
  const ways = alertWays(config);
  const isSet = !ways.includes("to the log");
  const says = isSet
    ? ways.join(", ")
    : `${ways.join(", ")}; set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID, or TIDEMILL_WEBHOOK_URL`;
  return { subject: "alerts", verdict: isSet ? "good" : "note", says };
}
