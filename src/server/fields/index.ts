export { type ForeignField, type ForeignFields, inWords, type Json } from "./foreignField.ts";
export { bodyFields, messageFields, partFields, streamOptionFields } from "./foreignFields.ts";
export { IgnoredFields } from "./ignoredFields.ts";
export { pathOf, refusal, unknownField } from "./refusal.ts";
export { type Level, type TakeOptions, takeFields } from "./takeFields.ts";
