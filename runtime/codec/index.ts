// The codec's surface for the rest of the runtime.

export { serializable, type ClassOptions } from "./classes.ts";
export type { Stored } from "./cut.ts";
export { decode, decodeApart, type DecodeOptions, isApart } from "./decode.ts";
export { type ApartOptions, encode, encodeApart, type EncodeOptions } from "./encode.ts";
export { corrupt, fail, refuse, via, type At, type Json, type Kind, type Read, type Write } from "./kind.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export { Numbers } from "./numbers.ts";
