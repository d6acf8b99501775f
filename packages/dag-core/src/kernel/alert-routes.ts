import { z } from "zod";
import { alertKinds } from "./alert.ts";

const names = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((given) => (Array.isArray(given) ? given : [given]));
/** A number, negative for groups, or the `@name` of a channel. */
export const chatForm = /^(-?\d{1,20}|@\w{1,64})$/;
const kind = z.enum(alertKinds, `must be one of ${alertKinds.join(", ")}`);

const routeSchema = z
  .strictObject({
    dag: names.optional(),
    tag: names.optional(),
    owner: names.optional(),
    kind: z
      .union([kind, z.array(kind).min(1)], `must be one of ${alertKinds.join(", ")}`)
      .transform((given) => (Array.isArray(given) ? given : [given]))
      .optional(),
    chat: z
      .union([z.number().int().transform(String), z.string()])
      .pipe(z.string().regex(chatForm, "must be a number or the @name of a channel"))
      .optional(),
    thread: z.number().int().positive().optional(),
    webhook: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
    secretFrom: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be the name of an environment variable")
      .optional(),
  })
  .refine((route) => (route.chat === undefined) !== (route.webhook === undefined), {
    error: "must name one of chat and webhook",
  })
  .refine((route) => route.thread === undefined || route.chat !== undefined, {
    error: "has a thread, which only a chat can have",
  })
  .refine((route) => route.secretFrom === undefined || route.webhook !== undefined, {
    error: "has secretFrom, which only a webhook can have",
  });

/**
 * Where alerts of some DAGs go: those that fit every condition, to a chat (and a thread in it) or to a webhook.
 * `secretFrom` names the environment variable that holds the secret of the webhook's signatures.
 *
 * @example { tag: ["finance"], chat: "-1001234567890", thread: 7 }
 */
export type AlertRouteSetting = z.output<typeof routeSchema>;

/** A JSON array of routes, as text. */
export const alertRoutesSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "must be a JSON array of routes" });
      return z.NEVER;
    }
  })
  .pipe(z.array(routeSchema, "must be a JSON array of routes"));
