export type QueueSetting = "default" | "best";

/** What a handler of a queue is called with: the data of a job. */
export type QueueHandlers = Readonly<Record<string, (n: number) => Promise<void>>>;

/** The part of a job queue that the cases need. */
export interface Queue {
  /** Makes the schema, with a queue for each name. */
  prepare(url: string, names: readonly string[]): Promise<void>;
  /** Enqueues jobs with the numbers from 0 in one go. */
  fill(url: string, name: string, count: number): Promise<void>;
  /** Begins to work. */
  open(url: string, setting: QueueSetting, handlers: QueueHandlers): Promise<OpenQueue>;
}

export interface OpenQueue {
  add(name: string, n: number): Promise<void>;
  addMany(name: string, numbers: readonly number[]): Promise<void>;
  close(): Promise<void>;
}
