/** Something that keeps the gateway from starting and that whoever starts it can put right: told without a stack. */
export class StartError extends Error {}
