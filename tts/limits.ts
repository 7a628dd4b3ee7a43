/** Seeds are integers from 0 to this. */
export const MAX_SEED = 2 ** 32 - 1;

/** Temperatures are numbers from 0 to this. */
export const MAX_TEMPERATURE = 2;
