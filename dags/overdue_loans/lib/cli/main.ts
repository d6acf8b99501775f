import { runLoans } from "./run-loans.ts";

process.exitCode = await runLoans(process.argv.slice(2));
