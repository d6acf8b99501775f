import { authoring } from "./cases/authoring.ts";
import { backfill } from "./cases/backfill.ts";
import { chain } from "./cases/chain.ts";
import { dispatch } from "./cases/dispatch.ts";
import { drain } from "./cases/drain.ts";
import { history } from "./cases/history.ts";
import { idle } from "./cases/idle.ts";
import { limits } from "./cases/limits.ts";
import { load } from "./cases/load.ts";
import { longBackfill } from "./cases/long-backfill.ts";
import { many } from "./cases/many.ts";
import { pipeline } from "./cases/pipeline.ts";
import { restart } from "./cases/restart.ts";
import { snapshot } from "./cases/snapshot.ts";
import { start } from "./cases/start.ts";
import { wide } from "./cases/wide.ts";
import type { Contest } from "./contest/contest.ts";

/** The cases in which Tidemill stands beside others, a floor, or its aim. */
export const contests: readonly Contest[] = [
  chain,
  ...wide,
  drain,
  dispatch,
  ...backfill,
  load,
  history,
  many,
  longBackfill,
  ...limits,
  snapshot,
  idle,
  start,
  restart,
  pipeline,
  authoring,
];
