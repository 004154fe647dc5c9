/** A text cannot be encoded. The message is the reason: the second half of `Cannot encode the prompt as ...`. */
export class EncodingError extends Error {}
