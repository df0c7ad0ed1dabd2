/** The suites of the HTTP edge once more, over node:http, which is the way back when a front of our own has a fault. */
process.env.MODEL_API_HTTP_FRONT = 'node';

// After that: each gateway is started with the environment of its test.
await import('./connections.test');
await import('./expect.test');
await import('./framing.test');
await import('./fuzz.test');
await import('./head.test');
await import('./limits.test');
await import('../../runtime/gateway/http.test');
await import('../../runtime/gateway/drain.test');
await import('../../runtime/gateway/stream.test');

export {};
