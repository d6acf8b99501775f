import { parseArgs } from "node:util";
import {
  demoSample,
  type Sample,
  type ScaleName,
  scaleNames,
} from "../../dags/shop_sales/lib/generator/sample.ts";
import { startReportApi } from "./report-api.ts";
import { sampleReports } from "./sample-reports.ts";

const help = `Usage: node --conditions=source demo/services/serve-reports.ts [options]

Serves the sample reports of the shop on the loopback until it is stopped.

  --port N        the port (default: any)
  --scale NAME    ${scaleNames.join(" or ")} (default: demo)
  --seed N        (default: ${demoSample.seed})
  --pass N        1 for seven increments, 2 for fourteen ... (default: 1)
  --today DAY     the day after the last increment of the first pass (default: ${demoSample.today})
`;

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    scale: { type: "string", default: demoSample.scale },
    seed: { type: "string", default: String(demoSample.seed) },
    pass: { type: "string", default: String(demoSample.pass) },
    today: { type: "string", default: demoSample.today },
    help: { type: "boolean", default: false },
  },
});

const isScale = (name: string): name is ScaleName =>
  (scaleNames as readonly string[]).includes(name);

if (values.help || !isScale(values.scale)) {
  process.stdout.write(help);
  process.exitCode = values.help ? 0 : 2;
} else {
  const { scale, today } = values;
  const sample: Sample = { scale, today, seed: Number(values.seed), pass: Number(values.pass) };
  const options = { source: sampleReports(sample), port: Number(values.port) };
  const { uri } = await startReportApi(options);
  process.stdout.write(`TIDEMILL_CONN_SHOP_REPORTS=${uri}\n`);
}
