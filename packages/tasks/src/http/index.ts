export { HttpStatusError } from "./http-status-error.ts";
export { httpRequest, type HttpRequestOptions, type HttpResponse } from "./http-request.ts";
export {
  provider,
  type Provider,
  type ProviderCall,
  type ProviderMode,
  type ProviderOptions,
  type Provided,
  type ProviderSession,
  type ProviderSessionOptions,
} from "./provider.ts";
