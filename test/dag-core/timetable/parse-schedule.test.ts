import { describe, expect, test } from "@jest/globals";
import { parseSchedule } from "../../../packages/dag-core/src/timetable/parse-schedule.ts";
import type { Schedule } from "../../../packages/dag-core/src/timetable/schedule-spec.ts";

const cronDefaults = { kind: "cron", interval: "previous", gap: "shift", overlap: "second" };

describe("parseSchedule", () => {
  test.each<[Schedule, object]>([
    ["0 3 * * *", { ...cronDefaults, crons: ["0 3 * * *"] }],
    ["  0  3 * * MON-FRI ", { ...cronDefaults, crons: ["0 3 * * MON-FRI"] }],
    ["@hourly", { ...cronDefaults, crons: ["0 * * * *"] }],
    ["@daily", { ...cronDefaults, crons: ["0 0 * * *"] }],
    ["@weekly", { ...cronDefaults, crons: ["0 0 * * 0"] }],
    ["@monthly", { ...cronDefaults, crons: ["0 0 1 * *"] }],
    ["@quarterly", { ...cronDefaults, crons: ["0 0 1 */3 *"] }],
    ["@yearly", { ...cronDefaults, crons: ["0 0 1 1 *"] }],
    ["@once", { kind: "once" }],
    ["@continuous", { kind: "continuous" }],
    [null, { kind: "none" }],
    [["0 3 * * *", "@daily", "0 0 * * *"], { ...cronDefaults, crons: ["0 3 * * *", "0 0 * * *"] }],
    [{ every: "15m" }, { kind: "every", everyMs: 900_000 }],
    [
      { cron: "0 3 * * *", interval: "none", gap: "skip", overlap: "both" },
      { kind: "cron", crons: ["0 3 * * *"], interval: "none", gap: "skip", overlap: "both" },
    ],
  ])("%j", (schedule, expected) => {
    expect(parseSchedule(schedule)).toEqual(expected);
  });

  test.each<[unknown, string]>([
    ["0 3 * *", 'Schedule "0 3 * *" has 4 fields, not five; write minute, hour'],
    ["0 0 3 * * *", "has 6 fields, not five"],
    ["", "has 0 fields, not five"],
    ["61 * * * *", 'has "61" as its minute; write 0 to 59'],
    ["0 24 * * *", 'has "24" as its hour; write 0 to 23'],
    ["0 0 0 * *", 'has "0" as its day of the month'],
    ["0 0 1 13 *", 'has "13" as its month; write 1 to 12'],
    ["0 0 * * 8", 'has "8" as its day of the week'],
    ["5-1 * * * *", 'has "5-1" as its minute'],
    ["*/0 * * * *", 'has "*/0" as its minute'],
    ["0 0 * * MOM", 'did you mean "MON"?'],
    ["0 0 1 SEPT *", 'did you mean "SEP"?'],
    ["0 0 30 2 *", "names a day that never comes; choose a day that its months have"],
    ["0 H * * *", "has a random value (H)"],
    ["@dayly", 'Schedule "@dayly" is not a preset'],
    ["@dayly", 'did you mean "@daily"?'],
    ["@reboot", "the presets are @hourly @daily"],
    [["@once", "0 3 * * *"], 'Schedule "@once" stands among crons; make it the whole schedule'],
    [[], "has no cron; add one, or write null"],
    [
      { cron: "0 3 * * *", gap: "skipp" },
      'has "skipp" as its gap; write shift or skip, did you mean "skip"?',
    ],
    [{ cron: "0 3 * * *", overlap: "all" }, "write first or second or both"],
    [{ every: "10ms" }, "is shorter than a second; use @continuous"],
    [{ evry: "15m" }, "is not a schedule; write a cron text, { every } or null"],
    [42, "is not a schedule"],
  ])("%j is refused: %s", (schedule, message) => {
    const parse = () => parseSchedule(schedule as Schedule);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ code: "TIDEMILL_SCHEDULE_INVALID" }));
  });

  test("an option that does not exist is named with the one that was meant", () => {
    const schedule = { cron: "0 3 * * *", overlaps: "both" } as unknown as Schedule;
    expect(() => parseSchedule(schedule)).toThrow('did you mean "overlap"?');
    expect(() => parseSchedule({ every: "5m", gap: "skip" } as unknown as Schedule)).toThrow(
      '"gap" is not an option of a schedule; the options are every',
    );
  });

  test("a duration that is none is refused as such", () => {
    expect(() => parseSchedule({ every: "5 minutes" } as unknown as Schedule)).toThrow(
      '"5 minutes" is not a duration',
    );
  });
});
