import { tidemillError } from "@tidemill/dag-core";
import { notifyGateway } from "../../../connections.ts";
import type { LoadContext } from "../load-context.ts";
import { consoleProvider } from "./console-provider.ts";
import { gatewayProvider } from "./gateway-provider.ts";
import type { NotificationProvider } from "./provider.ts";

const known = ["console", "gateway"] as const;

/**
 * The provider that `NOTIFY_PROVIDER` names: `console`, the default, or `gateway` at `TIDEMILL_CONN_NOTIFY_GATEWAY`.
 *
 * @throws TidemillError `TIDEMILL_CONFIG_INVALID` for another name.
 */
export async function chooseProvider(ctx: LoadContext): Promise<NotificationProvider> {
  const given = process.env["NOTIFY_PROVIDER"] ?? "";
  const name = given === "" ? "console" : known.find((one) => one === given);
  switch (name) {
    case "console":
      return consoleProvider;
    case "gateway":
      return gatewayProvider(await ctx.open(notifyGateway));
    case undefined:
      throw tidemillError("TIDEMILL_CONFIG_INVALID", {
        name: "NOTIFY_PROVIDER",
        value: given,
        problem: "which is not a provider",
        remedy: `use one of ${known.join(", ")}`,
      });
  }
}
