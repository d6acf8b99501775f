import { reasonOf } from "./errors.ts";

export type ChildRequest<C> = { readonly start: C } | { readonly stop: true };
export type ChildReply<V> = { readonly ready: V } | { readonly error: string };

export interface Served<V> {
  readonly value: V;
  stop(): Promise<void>;
}

/**
 * Runs this process as the child of a stack: starts when told, and stops when told, on a signal,
 * and when the channel closes, which is how the death of the parent shows.
 */
export function serveParent<C, V>(start: (config: C) => Promise<Served<V>>): void {
  let served: Promise<Served<V>> | undefined;
  let stopping: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    const running = await served?.catch(() => undefined);
    await running?.stop();
    process.exit(0);
  };
  const stop = (): Promise<void> => (stopping ??= end());
  const begin = async (config: C): Promise<void> => {
    served ??= start(config);
    try {
      reply({ ready: (await served).value });
    } catch (error) {
      reply({ error: reasonOf(error) }, () => process.exit(1));
    }
  };
  process.on(
    "message",
    (request: ChildRequest<C>) => void ("start" in request ? begin(request.start) : stop()),
  );
  for (const event of ["disconnect", "SIGTERM", "SIGINT"] as const)
    process.on(event, () => void stop());
}

function reply<V>(message: ChildReply<V>, sent: () => void = () => undefined): void {
  if (process.send === undefined || !process.connected) return;
  process.send(message, undefined, undefined, sent);
}
