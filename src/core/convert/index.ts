export {
  type Conversion,
  type ConversionFormat,
  type ConversionOptions,
  type ConversionOutput,
  conversionFormats,
  convertedGguf,
  convertModel,
} from "./convertModel.ts";
