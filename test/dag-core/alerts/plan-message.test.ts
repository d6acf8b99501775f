import { describe, expect, test } from "@jest/globals";
import { fingerprintOf } from "../../../packages/dag-core/src/alerts/fingerprint.ts";
import { planMessage } from "../../../packages/dag-core/src/alerts/plan-message.ts";
import type { ClaimedDelivery } from "../../../packages/dag-core/src/store/alert.ts";
import type { Incident } from "../../../packages/dag-core/src/store/alert-told.ts";

const options = { windowMs: 30_000, repeatMs: 3_600_000 };
const delivery = (facts: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  deliveryId: "1",
  key: "k",
  topic: "failed:orders",
  fingerprint: "f",
  attempts: 1,
  unanswered: 0,
  claim: "c",
  kind: "task_instance.failed",
  payload: { dagId: "orders", runId: "r1", reason: "error", timezone: "UTC" },
  taskInstanceId: "1",
  raisedAt: new Date(0),
  ageMs: 0,
  earlierRef: null,
  isTold: false,
  ...facts,
});
const incident = (facts: Partial<Incident> = {}): Incident => ({
  topic: "failed:orders",
  fingerprint: "f",
  messageRef: "7",
  seen: 1,
  told: 1,
  quietMs: 60_000,
  toldMs: 60_000,
  ...facts,
});

describe("planMessage", () => {
  test.each([
    ["nothing was told: a new message", [delivery()], [], undefined],
    ["the same error: counted", [delivery()], [incident()], "7"],
    ["another error: a new message", [delivery({ fingerprint: "g" })], [incident()], undefined],
    [
      "another error while the incident grows: added",
      [delivery({ fingerprint: "g" })],
      [incident({ quietMs: 29_000 })],
      "7",
    ],
    [
      "the same after the time to repeat: new",
      [delivery()],
      [incident({ toldMs: 3_600_000 })],
      undefined,
    ],
    [
      "growing for longer than the time to repeat: new",
      [delivery()],
      [incident({ toldMs: 3_600_000, quietMs: 1 })],
      undefined,
    ],
    ["the tenth of one: new", [delivery()], [incident({ seen: 9 })], undefined],
    ["the ninth of one: counted", [delivery()], [incident({ seen: 8 })], "7"],
    [
      "one known and one new error: a new message",
      [delivery(), delivery({ fingerprint: "g" })],
      [incident()],
      undefined,
    ],
    [
      "of several topics: a new message",
      [delivery(), delivery({ topic: "failed:other" })],
      [incident({ quietMs: 1 })],
      undefined,
    ],
  ])("%s", (_name, deliveries, incidents, editRef) => {
    expect(planMessage(deliveries, incidents, options)).toEqual({
      told: deliveries,
      folded: [],
      ...(editRef !== undefined && { editRef }),
    });
  });

  test("a run that failed by a task that was told needs no message", () => {
    const told = [delivery({ kind: "dag_run.failed", isTold: true })];
    expect(planMessage(told, [], options)).toEqual({ told: [], folded: told });
  });

  test.each([
    ["of its own run", "5", "5"],
    ["of an earlier run", null, "7"],
  ])("a recovery answers the message about the failure %s", (_name, earlierRef, replyTo) => {
    const fixed = delivery({
      kind: "dag_run.recovered",
      topic: "run",
      fingerprint: "",
      earlierRef,
    });
    expect(planMessage([fixed], [incident()], options)).toMatchObject({ replyTo });
  });
});

describe("fingerprintOf", () => {
  const of = (message: string, taskId = "load", name = "Error") =>
    fingerprintOf("task_instance.failed", {
      ...delivery().payload,
      taskId,
      error: { class: name, message },
    });

  test.each([
    ["numbers", "row 17 of 90", "row 8 of 1234"],
    ["quoted values", 'key "a" exists', 'key "b" exists'],
    ["ids", "run 6f1b0c9e-1111-4222-8333-444455556666", "run 00000000-1111-4222-8333-444455556666"],
    ["hashes", "at deadbee1", "at 0ff1ce99"],
    ["later lines", "no\nat 1", "no\nat 2"],
  ])("%s do not make another error", (_name, one, other) => {
    expect(of(one)).toBe(of(other));
  });

  test("task, class and words do", () => {
    expect(new Set([of("a"), of("b"), of("a", "other"), of("a", "load", "TypeError")]).size).toBe(
      4,
    );
  });

  test("there is none of what is no failure", () => {
    expect(fingerprintOf("dag_run.succeeded", delivery().payload)).toBe("");
  });
});
