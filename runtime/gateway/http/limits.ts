/** What both fronts hold connections to. */

/**
 * More than the waiting and running requests of any replica, with the idle connections of a load balancer. Each costs a
 * descriptor, and up to 16 KiB of headers from those who send them slowly: 64 MiB from all.
 */
export const MOST_CONNECTIONS = 4_096;

/** How often they are looked through for clients that are too slow. */
export const SLOW_CLIENTS_INTERVAL_MS = 1_000;

/** What is left of a refused body is thrown away for so long; closing at once would reset the answer away. */
export const LEFTOVER_MS = 5_000;

/** Idle connections may be about to carry a request: so long they still can, before a drain closes them. */
export const LINGER_MS = 500;

/** Above, the copy into a text costs more than the write that it saves. */
export const ONE_WRITE_BYTES = 16 * 1024;
