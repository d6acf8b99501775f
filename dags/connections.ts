import { clickhouse } from "@tidemill/tasks/clickhouse";
import { http } from "@tidemill/tasks/http";
import { kafka } from "@tidemill/tasks/kafka";
import { postgres } from "@tidemill/tasks/postgres";

/** Every system that the DAGs reach; the address of each is `TIDEMILL_CONN_<ID>` at run time. */
export const shopEvents = postgres("shop_events");
export const events = kafka("kafka");
export const marts = clickhouse("clickhouse");
export const shopSales = postgres("shop_sales");
export const shopReports = http("shop_reports");
export const paymentsApp = postgres("payments_app");
export const craftMarket = postgres("craft_market");
/** The four schemas of the sources, where they are not in the warehouse itself. */
export const craftMarketSources = postgres("craft_market_sources");
export const overdueLoans = postgres("overdue_loans");
/** Push, SMS, e-mail and call tasks; needed only with `NOTIFY_PROVIDER=gateway`. */
export const notifyGateway = http("notify_gateway");
