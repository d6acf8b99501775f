import type { Command } from "commander";
import type { LoadedDags } from "../../executor/executor.ts";
import type { Config } from "../../kernel/config.ts";
import { fileStamps } from "../../registry/load.ts";
import { type TopLeaf, leaf, listOption } from "../command.ts";
import { jsonText, note, type OutputOptions, print } from "../output.ts";
import { reloadOnChange } from "../reload-on-change.ts";
import { serve } from "../serve.ts";
import { readConfig } from "../session.ts";

interface DevFlags extends OutputOptions {
  readonly services?: readonly string[];
  readonly databases?: readonly string[];
}

export function dev(parent: Command, about: TopLeaf): void {
  leaf(parent, about.usage, about)
    .option("--services <names>", "of the local stack: postgres, clickhouse, kafka", listOption)
    .option("--databases <names>", "more databases in its Postgres", listOption)
    .action(runDev);
}

async function runDev(flags: DevFlags): Promise<void> {
  const { config, stopStack } = await prepare(flags);
  try {
    const { output } = flags;
    const { engine, stopAsked, close } = await serve({ config, role: "scheduler", output });
    try {
      const loaded = await fileStamps(config.dagsFolder);
      tellLoaded(config, await engine.start(), flags);
      const stopLooking = reloadOnChange({ folder: config.dagsFolder, engine, loaded });
      await stopAsked;
      stopLooking();
    } finally {
      await close();
    }
  } finally {
    await stopStack();
  }
}

/** The database of the environment, else the one of the local stack. */
async function prepare({ services = ["postgres"], databases = [] }: DevFlags) {
  const config = await readConfig();
  const isNamed = process.env["TIDEMILL_DATABASE_URL"] || process.env["TIDEMILL_DATABASE_URL_FILE"];
  if (isNamed) return { config, stopStack: () => Promise.resolve() };
  const { ensureLocalStack } = await import("../local-stack.ts");
  const stopStack = await ensureLocalStack(config, { services, databases });
  return { config: await readConfig(), stopStack };
}

function tellLoaded(config: Config, { dags, failures }: LoadedDags, { output }: OutputOptions) {
  const dagIds = dags.map((dag) => dag.manifest.dagId).sort();
  const { dagsFolder } = config;
  if (output === "json") return print(jsonText({ dagsFolder, dags: dagIds, failures }));
  const broken = failures.length === 0 ? "" : `; ${failures.length} files cannot be imported`;
  note(`Running ${dagIds.length} DAGs of ${dagsFolder}: ${dagIds.join(", ") || "none"}${broken}`);
  for (const { file, message } of failures) note(`  ${file}: ${message}`);
  note('Saved files are loaded at once; try "tidemill trigger <dag> --wait" in another terminal');
}
