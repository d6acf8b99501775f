import { tidemillError, type TaskContext } from "@tidemill/dag-core";
import { type HttpHook, httpRequest } from "@tidemill/tasks/http";
import type { LoadContext } from "../load-context.ts";
import type { Notice, NotificationProvider } from "./provider.ts";

const bodyOf = (notice: Notice): object => ({
  channel: notice.channel,
  template: notice.template,
  to: { client_id: notice.clientId, name: notice.clientName, phone: notice.phone },
  values: {
    loan: notice.loanName,
    payment: notice.paymentNumber,
    shortfall: notice.shortfall,
  },
});

/**
 * A gateway for push, SMS, e-mail and call tasks that is reached by HTTP: `POST <address>/messages` as JSON, answered
 * with `{ "id": "..." }`. The header `Idempotency-Key` is the same for every try of a notice; the password of the
 * address is sent as a bearer token.
 *
 * @example const provider = gatewayProvider(await ctx.open(notifyGateway));
 */
export function gatewayProvider(gateway: HttpHook): NotificationProvider {
  return {
    name: "gateway",
    reachesPeople: true,
    async send(ctx: LoadContext, notice: Notice): Promise<string> {
      const { body } = await httpRequest<{ id?: unknown }>(ctx as TaskContext, {
        url: `${gateway.url}/messages`,
        method: "POST",
        headers: {
          "idempotency-key": notice.key,
          ...(gateway.password !== "" && { authorization: `Bearer ${gateway.password}` }),
        },
        body: bodyOf(notice),
        secrets: gateway.password === "" ? [] : [gateway.password],
        timeout: "10s",
        retries: 2,
      });
      if (typeof body.id === "string" && body.id !== "") return body.id;
      throw tidemillError("TIDEMILL_INPUT_INVALID", {
        subject: "The notification gateway",
        problem: "answered without an id",
        remedy: `it must answer { "id": "..." }`,
      });
    },
  };
}
