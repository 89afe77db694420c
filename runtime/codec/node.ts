// What only some hosts have, looked up at run time so that the codec also loads where there is no Node.

interface HostProcess {
  readonly getBuiltinModule?: (name: string) => Record<string, unknown> | undefined;
}

export function builtinModule(name: string): Record<string, unknown> | undefined {
  return (globalThis as { process?: HostProcess }).process?.getBuiltinModule?.(name);
}

/** Bytes as UTF-8. */
export const byteLength: (text: string) => number =
  (builtinModule("node:buffer")?.["Buffer"] as { byteLength?: (text: string) => number } | undefined)?.byteLength ?? ((text) => new TextEncoder().encode(text).length);

/** Whether the value is a Proxy; false where the host cannot tell. */
export const isProxy: (value: object) => boolean =
  (builtinModule("node:util")?.["types"] as { isProxy?: (value: object) => boolean } | undefined)?.isProxy ?? (() => false);
