/** A text that cannot be encoded. The message says why, as the second half of `Cannot encode the prompt as ...`. */
export class UnreadableText extends Error {}
