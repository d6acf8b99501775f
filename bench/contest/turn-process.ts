// One turn of one contender: the arguments name both, the database is in the environment.
import { contests } from "../contests.ts";
import { contendersOf } from "./contest.ts";

// Without the process that counts its turn it would go on for nobody; the group holds all that it started.
process.once("disconnect", () => process.kill(-process.pid, "SIGKILL"));
const [contestName, contenderName = "", work] = process.argv.slice(2);
const contest = contests.find(({ name }) => name === contestName);
const contender = contest && contendersOf(contest).get(contenderName);
if (!contender) throw new Error(`"${contenderName}" does not take part in "${contestName}"`);
const turn = await contender.play(process.env["BENCH_DATABASE_URL"] ?? "", Number(work));
process.send?.(turn, () => process.exit(0));
