/**
 * A map whose entries come and go by thousands a second. When V8 builds the table of a Map anew, the old one points to the
 * new one; and what lies in V8's old space, be it garbage, keeps alive what it points to until all of the heap is
 * collected. So one table that came to lie there would keep each table after it, with all requests that stood in them.
 * This map goes on with another Map now and then, to which no garbage points.
 */

/** So many entries go, or as many as it has, until it goes on with another. */
const RENEW_AFTER = 64;

export class PassingMap<K, V> {
  #map = new Map<K, V>();
  #left = RENEW_AFTER;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#map.set(key, value);
  }

  delete(key: K): void {
    if (!this.#map.delete(key)) return;
    this.#left -= 1;
    if (this.#left <= 0) this.#goOnWith(new Map(this.#map));
  }

  clear(): void {
    this.#goOnWith(new Map());
  }

  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }

  #goOnWith(map: Map<K, V>): void {
    this.#map = map;
    this.#left = Math.max(RENEW_AFTER, map.size);
  }
}
