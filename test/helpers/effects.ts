import { dagText } from "./engine.ts";
import { targetDatabase, type TargetDatabase } from "./target-database.ts";

const postgresModule = import.meta.resolve("@tidemill/tasks/postgres");

export interface Effects extends AsyncDisposable {
  readonly target: TargetDatabase;
  /** The variable by which tasks reach the target. */
  readonly env: Readonly<Record<string, string>>;
  /** How often each task wrote its row, by task id and map index. */
  written(): Promise<readonly { readonly task: string; readonly times: number }[]>;
}

/** A database in which each task of {@link effectDag} writes one row through `ctx.transaction`. */
export async function effectTarget(): Promise<Effects> {
  const target = await targetDatabase();
  await target.query("create table effect (task text not null, try_number integer not null)");
  return {
    target,
    env: { TIDEMILL_CONN_TARGET: target.uri },
    written: () =>
      target.query(
        "select task, count(*)::integer as times from effect group by task order by task",
      ),
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
  };
}

/**
 * The file of a DAG with `width` tasks side by side, each of which writes its row exactly once and takes a while before
 * and after it, and one that follows them all.
 */
export function effectDag(dagId: string, width: number, seconds: number, options?: string): string {
  const body = `
  const all = [];
  for (let n = 0; n < ${width}; n++) {
    all.push(task("t" + n, {
      async run(ctx) {
        const session = await ctx.open(target);
        await session.query("select pg_sleep(${seconds / 2})");
        await ctx.transaction(target, "effect", async (tx) => {
          await tx.query("insert into effect (task, try_number) values ($1, $2)", [ctx.taskId, ctx.tryNumber]);
        });
        await session.query("select pg_sleep(${seconds / 2})");
        return n;
      },
    }));
  }
  task("end", { after: all, run: () => ${width} });`;
  const text = dagText(dagId, body, options);
  return `import { postgres } from ${JSON.stringify(postgresModule)};
const target = postgres("target");
${text}`;
}
