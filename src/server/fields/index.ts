export { invalidValue, pathOf, unknownField } from "./fieldErrors.ts";
export { type ForeignField, type ForeignFields, type Json, joinedByOr } from "./foreignField.ts";
export { bodyFields, messageFields, partFields, streamOptionFields } from "./foreignFields.ts";
export { IgnoredFields } from "./ignoredFields.ts";
export { type Level, type SelectOptions, selectFields } from "./selectFields.ts";
