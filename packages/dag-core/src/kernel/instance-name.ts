/** A task instance by its name for people: `load`, or `load[2]` for one of a mapped task. */
export function instanceName({
  taskId,
  mapIndex,
}: {
  readonly taskId: string;
  readonly mapIndex: number;
}): string {
  return mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
}
