/** The promise of an operation, of a flow called in a flow, or of several of them: it can be stored. */
export interface Durable<T> extends Promise<T> {}
