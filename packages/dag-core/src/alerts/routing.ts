import { type AlertKind, isFailure, isPutRight } from "../kernel/alert.ts";
import type { AlertRoute } from "../kernel/alert-targets.ts";
import { type QuietHours, quietUntil } from "../kernel/quiet-hours.ts";
import type { MuteRow } from "../store/alert-mute.ts";
import type { NewAlert, NewDelivery } from "../store/alert-route.ts";
import type { Channel } from "./channel.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** The channels of an installation, and which alerts go where. */
export interface Routing {
  readonly channels: readonly Channel[];
  readonly routes: readonly ChannelRoute[];
  /** Names of the channels for what no route takes. */
  readonly otherwise: readonly string[];
  readonly quiet?: QuietHours | undefined;
}

/** A route whose channel is open. */
export interface ChannelRoute {
  readonly when: Pick<AlertRoute, "dag" | "tag" | "owner" | "kind">;
  readonly channel: string;
}

const offTheRecord: ReadonlySet<AlertKind> = new Set(["alert.test"]);

/** The deliveries of one alert: where it goes, with what it is told together, and when. */
export function deliveriesOf(
  alert: NewAlert,
  mutes: readonly MuteRow[],
  { routing, graceMs }: { readonly routing: Routing; readonly graceMs: number },
): readonly NewDelivery[] {
  const mute = offTheRecord.has(alert.kind) ? undefined : mutes.find((one) => isMuted(alert, one));
  const names = new Set(channelsFor(alert, routing));
  return routing.channels
    .filter((channel) => names.has(channel.name))
    .map((channel) => ({
      channel: channel.name,
      topic: channel.isKeyed ? `alert:${alert.alertId}` : topicOf(alert),
      fingerprint: channel.edit ? fingerprintOf(alert.kind, alert.payload) : "",
      ...(mute ? mutedAt(alert, mute) : dueAt(alert, channel, routing.quiet, graceMs)),
    }));
}

function channelsFor(alert: NewAlert, { routes, otherwise, channels }: Routing): readonly string[] {
  // A test asks whether every channel can be reached.
  if (offTheRecord.has(alert.kind)) return channels.map((channel) => channel.name);
  const taken = routes.filter(({ when }) => fits(alert, when)).map(({ channel }) => channel);
  return taken.length > 0 ? taken : otherwise;
}

function fits(alert: NewAlert, { dag, tag, owner, kind }: ChannelRoute["when"]): boolean {
  const has = (wanted: readonly string[] | undefined, given: readonly string[]): boolean =>
    wanted === undefined || wanted.some((one) => given.includes(one));
  return (
    has(dag, [alert.payload.dagId]) &&
    has(tag, alert.tags) &&
    has(owner, alert.owner === null ? [] : [alert.owner]) &&
    has(kind, [alert.kind])
  );
}

const isMuted = ({ payload, tags }: NewAlert, mute: MuteRow): boolean =>
  (mute.dag_id === null || mute.dag_id === payload.dagId) &&
  (mute.task_id === null || mute.task_id === payload.taskId) &&
  (mute.tag === null || tags.includes(mute.tag));

/** Failures of a DAG are told together; news of a run are told with those of the run. */
function topicOf({ kind, payload }: Pick<NewAlert, "kind" | "payload">): string {
  const { dagId, runId } = payload;
  if (isFailure(kind)) return failureTopic(dagId);
  return isPutRight(kind) ? `run:${dagId}:${runId}` : `${kind}:${dagId}`;
}

export const failureTopic = (dagId: string): string => `failed:${dagId}`;

const mutedAt = (alert: NewAlert, { alert_mute_id, reason }: MuteRow) => ({
  state: "muted" as const,
  isHeld: false,
  dueAt: alert.raisedAt,
  error: `Muted (${alert_mute_id})${reason === null ? "" : `: ${reason}`}`,
});

function dueAt(alert: NewAlert, channel: Channel, quiet: QuietHours | undefined, graceMs: number) {
  const isNow = offTheRecord.has(alert.kind) || channel.isKeyed;
  const held = isNow || !quiet || !channel.chat ? undefined : quietUntil(quiet, alert.now);
  const soon = new Date(alert.raisedAt.getTime() + (isNow ? 0 : graceMs));
  return { state: "pending" as const, isHeld: held !== undefined, dueAt: held ?? soon };
}
