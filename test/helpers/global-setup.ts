import { startSharedStack } from "./shared-stack.ts";

export default async function globalSetup(): Promise<void> {
  await startSharedStack();
}
