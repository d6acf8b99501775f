#!/usr/bin/env node
import * as module from "node:module";

// Before anything else is imported, since only what is imported later is kept. A Node too old to have it is told so below.
(module as Partial<typeof module>).enableCompileCache?.();
const { runCli } = await import("./run-cli.ts");

process.exitCode = await runCli(process.argv.slice(2));
