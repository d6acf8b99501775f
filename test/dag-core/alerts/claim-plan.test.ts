import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { alertStore } from "../../../packages/dag-core/src/store/alert.ts";
import { sectionsOf } from "../../../packages/dag-core/src/store/sql.ts";
import { testDatabase } from "../../helpers/database.ts";

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Plans?: readonly PlanNode[];
}
const nodes = (plan: PlanNode): readonly PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

const parameters = {
  channel: "telegram",
  ahead_ms: 0,
  lease_ms: 60_000,
  most: 50,
  most_unanswered: 1,
  most_topics: 3,
  topics: ["failed:orders"],
  message_ref: "1",
  alert_delivery_ids: [],
};

test("looking for work costs nothing with 100,000 alerts delivered", async () => {
  await using db = await testDatabase();
  const { database } = db;
  await database.script(`
    insert into alert (kind, dag_id, dag_run_id, payload, is_routed)
    select 'dag_run.failed', 'orders', n, '{}', true from generate_series(1, 100000) n;
    insert into alert_delivery (alert_id, channel, topic, state, sent_at, message_ref)
    select alert_id, 'telegram', 'failed:orders', 'sent', now(), alert_id::text from alert;
    insert into alert (kind, dag_id, dag_run_id, payload, is_routed)
    select 'dag_run.failed', 'orders', n, '{}', true from generate_series(100001, 100020) n;
    insert into alert_delivery (alert_id, channel, topic)
    select alert_id, 'telegram', 'failed:orders' from alert where dag_run_id > 100000;
    insert into alert_incident (channel, topic, fingerprint, message_ref, seen, told)
    select 'telegram', 'failed:' || n, 'f', '1', 1, 1 from generate_series(1, 10000) n;
    analyze alert, alert_delivery, alert_incident;
  `);
  const file = new URL("../../../packages/dag-core/sql/queries/alert.sql", import.meta.url);
  const queries = sectionsOf(readFileSync(file, "utf8"));
  for (const name of [
    "AlertSenderHasWork",
    "AlertIsWaiting",
    "AlertToRoute",
    "AlertDeliveryIsDue",
    "AlertDeliverySweep",
    "AlertDeliveryClaim",
    "AlertIncidents",
    "AlertMessageSummary",
    "AlertMessageCounts",
  ]) {
    const query = queries.find((section) => section.name === name);
    if (!query) throw new Error(`alert.sql has no ${name}`);
    const row = await database.one<{ "QUERY PLAN": readonly { Plan: PlanNode }[] }>(
      { ...query, name: "", text: `explain (format json) ${query.text}` },
      parameters,
    );
    const plan = row?.["QUERY PLAN"][0]?.Plan;
    const scans = plan ? nodes(plan).filter((node) => node["Node Type"] === "Seq Scan") : [];
    expect({ name, scans }).toEqual({ name, scans: [] });
  }
  const claimed = await alertStore(database).claim({
    channel: "telegram",
    leaseMs: 1_000,
    most: 50,
  });
  expect(claimed.deliveries).toHaveLength(20);
});
