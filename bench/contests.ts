import { backfill } from "./cases/backfill.ts";
import { chain } from "./cases/chain.ts";
import { dispatch } from "./cases/dispatch.ts";
import { drain } from "./cases/drain.ts";
import { wide } from "./cases/wide.ts";
import type { Contest } from "./contest/contest.ts";

/** The cases in which Tidemill stands beside others. */
export const contests: readonly Contest[] = [chain, ...wide, drain, dispatch, ...backfill];
