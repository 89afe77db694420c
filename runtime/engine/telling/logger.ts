// Where the engine says what nobody asked for. `fields` are data for structured logs; the message is complete without them.

export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Warnings and errors on the console, and nothing else. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(`deflow: ${message}`, ...(fields ? [fields] : [])),
  error: (message, fields) => console.error(`deflow: ${message}`, ...(fields ? [fields] : [])),
};
