import { expect, test } from "@jest/globals";
import { alertBench } from "../../helpers/alerts.ts";
import { runCli } from "../../helpers/run-cli.ts";

test("alerts are muted, shown, unmuted and flushed", async () => {
  await using bench = await alertBench();
  const env = { TIDEMILL_DATABASE_URL: bench.db.url };
  const json = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await runCli([...args, "-o", "json"], { env });
    return exitCode === 0 ? (JSON.parse(stdout) as unknown) : stderr;
  };
  expect(await json("alerts", "mute", "--for", "1h")).toContain("is not named; name a DAG");
  expect(await json("alerts", "mute", "--dag", "nope", "--for", "1h")).toContain(
    "TIDEMILL_DAG_NOT_FOUND",
  );
  expect(await json("alerts", "mute", "--dag", "d", "--for", "0s")).toContain(
    "The time of the mute is 0ms; choose more than 0",
  );
  expect(await json("alerts", "mute", "--dag", "d", "--for", "36501d")).toContain("at most 36500d");
  expect(await bench.sql("select from alert_mute")).toEqual([]);
  const muted = await json(
    "alerts",
    "mute",
    "--tag",
    "finance",
    "--for",
    "2h",
    "--reason",
    "moved",
  );
  expect(muted).toMatchObject({ alertMuteId: "1", tag: "finance", reason: "moved" });
  await bench.raise("dag_run.failed");
  bench.server.next({ kind: "refused", code: 403, description: "Forbidden" });
  const { bus } = bench.sender();
  await bus.next("alert.failed");
  expect(await json("alerts", "status")).toMatchObject({
    channels: ["to the log"],
    deliveries: [{ channel: "telegram", state: "failed", deliveries: 1 }],
    mutes: [{ alertMuteId: "1", tag: "finance" }],
  });
  for (const command of ["doctor", "health"])
    expect((await runCli([command], { env })).stdout).toMatch(
      /Channel telegram has not taken alerts \(1\): Telegram answered 403: Forbidden; .*"tidemill alerts flush" sends them again/,
    );
  const trouble = expect.stringContaining("Channel telegram has not taken alerts");
  const lenient = await runCli(["health", "--output", "json"], { env });
  expect(JSON.parse(lenient.stdout)).toMatchObject({
    problems: expect.not.arrayContaining([trouble]),
    alertTroubles: [trouble],
  });
  const strict = await runCli(["health", "--strict", "--output", "json"], { env });
  expect(strict.exitCode).toBe(1);
  expect(JSON.parse(strict.stdout)).toMatchObject({
    isHealthy: false,
    problems: expect.arrayContaining([trouble]),
  });
  const sent = bus.next("alert.sent");
  expect(await json("alerts", "flush", "telegram")).toEqual({ deliveries: 1 });
  await sent;
  expect(await json("alerts", "flush", "telegrm")).toContain("those that have: telegram");
  expect(await json("alerts", "unmute", "--id", "first")).toEqual([]);
  expect(await json("alerts", "unmute", "--tag", "finance")).toMatchObject([{ alertMuteId: "1" }]);
  expect(await json("alerts", "status")).toMatchObject({ mutes: [] });
  expect(await bench.sql("select name from event order by event_id")).toEqual([
    { name: "alert.muted" },
    { name: "alert.flushed" },
    { name: "alert.unmuted" },
  ]);
});

test("a mute without an end in sight does not break the status", async () => {
  await using bench = await alertBench();
  await bench.sql(
    "insert into alert_mute (muted_until, tag, created_by) values ('infinity', 'finance', 'test'), (now() + interval '270000 years', 'ops', 'test')",
  );
  const env = { TIDEMILL_DATABASE_URL: bench.db.url };
  const { stdout, exitCode } = await runCli(["alerts", "status"], { env });
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/finance .*9999-12-31(.|\n)*ops .*9999-12-31/),
  });
});
