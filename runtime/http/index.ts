// deflow/http: runs over HTTP, for any server that takes a Request and gives a Response.

export { handler } from "./handler.ts";
export type { Action } from "./action.ts";
export type { Authorize, Grant } from "./authorize.ts";
export type { HandlerOptions, Listed } from "./options.ts";
export type { RunView, WaitView } from "./view.ts";
