/** A small server of the demo, in place of a service that belongs to somebody else. */
export interface RunningService extends AsyncDisposable {
  /** As the connection of the DAGs takes it. */
  readonly uri: string;
}
