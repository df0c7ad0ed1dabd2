/** A promise that is settled from outside, once; what `Promise.withResolvers` gives where Node 20 need not run. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits sees a rejection; when nobody does any more, it is no unhandled error.
    this.promise.catch(() => {});
  }
}
