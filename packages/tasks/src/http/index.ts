export { http, type HttpHook } from "./connection.ts";
export { HttpStatusError } from "./http-status-error.ts";
export { httpRequest, type HttpRequestOptions, type HttpResponse } from "./http-request.ts";
export { httpStream, type HttpStreamOptions } from "./http-stream.ts";
export {
  provider,
  type Provider,
  type ProviderCall,
  type ProviderMode,
  type ProviderOptions,
  type Provided,
  type ProviderSession,
  type ProviderSessionOptions,
  type ProviderSource,
} from "./provider.ts";
