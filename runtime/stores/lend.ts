// The client of a store's own transaction, lent to the work of others for as long as that takes.

/** What works were lent, taken back or not. */
const lent = new WeakSet<object>();

export function isLent(client: unknown): boolean {
  return lent.has(client as object);
}

/** `without` are methods that the store keeps for itself. */
export function lend(client: object, without: readonly string[] = []): { readonly proxy: object; readonly revoke: () => void } {
  const handed = Proxy.revocable(client, {
    get(target, key) {
      const value: unknown = without.includes(String(key)) ? undefined : Reflect.get(target, key, target);
      // Methods of a driver work on the driver's own object only.
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  lent.add(handed.proxy);
  return handed;
}
