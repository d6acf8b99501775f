import { availableParallelism } from "node:os";
import { z } from "zod";
import { durationMs, isDuration, longestTimerMs } from "./duration.ts";
import { isPublishable, namesIn } from "./named-secrets.ts";
import { parseQuietHours, type QuietHours } from "./quiet-hours.ts";

export const text = z.string().min(1, "must not be empty");
export const whole = (least: number, most = 1_000_000_000) =>
  z.coerce
    .number("must be a whole number")
    .int("must be a whole number")
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);
export const runnerCount = z.union(
  [z.literal("cores").transform(() => availableParallelism()), whole(1, 1_024)],
  "must be cores or a whole number from 1 to 1024",
);
export const schemaName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, "must be 1 to 63 of a-z 0-9 _, not beginning with a digit");
export const flag = z.union(
  [
    z.boolean(),
    z.enum(["true", "yes", "on", "1"]).transform(() => true),
    z.enum(["false", "no", "off", "0"]).transform(() => false),
  ],
  "must be true or false",
);
/** A duration as text, or milliseconds as a number. */
export const duration = z
  .union([z.number(), z.string().refine(isDuration).transform(durationMs)], {
    error: 'must be a number and a unit (ms, s, m, h, d), for example "30s"',
  })
  .pipe(z.number().int().min(1, "must be at least 1ms").max(longestTimerMs, "must be at most 24d"));
export const quietHours = z
  .string()
  .transform(parseQuietHours)
  .refine((hours): hours is QuietHours => hours !== undefined, {
    error: "must be two times and a zone, for example 22:00-07:00 Europe/Berlin",
  });
export const postgresUri = z
  .string()
  .regex(
    /^postgres(?:ql)?:\/\//i,
    "must be a Postgres URI, postgres://user:password@host/database",
  );
export const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
export const variableNames = z.string().refine((list) => namesIn(list).every(isPublishable), {
  error: "must be names of variables of your own, separated by commas",
});
