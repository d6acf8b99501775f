import { startStack, type ServiceId } from "@tidemill/local";

// A process to kill: it holds a stack until it is killed, and says on stdout when it is up.
const [directory = "", ...services] = process.argv.slice(2);
const stack = await startStack({
  directory,
  services: services as ServiceId[],
  ports: { postgres: 0, clickhouse: 0, kafka: 0 },
});
process.stdout.write(`${JSON.stringify(stack.processIds)}\n`);
process.stdin.resume();
