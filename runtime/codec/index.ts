// The codec's surface for the rest of the runtime.

export { serializable, type ClassOptions } from "./classes.ts";
export { decode, type DecodeOptions } from "./decode.ts";
export { encode, type EncodeOptions } from "./encode.ts";
export { corrupt, fail, refuse, via, type At, type Json, type Kind, type Read, type Write } from "./kind.ts";
export { defaultLimits, type Limits } from "./limits.ts";
