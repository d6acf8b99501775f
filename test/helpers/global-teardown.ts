import { stopSharedStack } from "./shared-stack.ts";

export default async function globalTeardown(): Promise<void> {
  await stopSharedStack();
}
