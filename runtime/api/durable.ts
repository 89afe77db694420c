/** The promise of an operation, of a flow called in a flow, or of several of them: it can be stored. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface Durable<T> extends Promise<T> {}
