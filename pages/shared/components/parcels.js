// Waiting for parcels: what Python sends beside a component, in whatever order it comes. See parcels.py.

/** The parcels that a component needs, by name; `changed` is called whenever one of them comes. */
export class Parcels {
  /**
   * @param {string[]} names
   * @param {() => void} changed
   */
  constructor(names, changed) {
    this.names = names;
    this.changed = changed;
    this.listen();
  }

  listen() {
    for (const name of this.names) addEventListener(`parcel:${name}`, this.changed);
  }

  /** Stops waiting. */
  close() {
    for (const name of this.names) removeEventListener(`parcel:${name}`, this.changed);
  }

  /**
   * What Python sent, as it came; undefined where it has not come.
   * @param {string} name
   * @returns {any}
   */
  data(name) {
    return globalThis.parcels?.get(name)?.data;
  }

  /**
   * Sends an event as if from the parcel's own place, so that Python runs what that place belongs to.
   * @param {string} name
   * @param {string} event
   * @param {unknown} value
   */
  send(name, event, value) {
    globalThis.parcels?.get(name)?.send(event, value);
  }
}

/**
 * A function that unpacks a block of bytes once, however often it is asked for.
 * @template Content
 * @param {(bytes: Uint8Array) => Content} read
 * @returns {(bytes: Uint8Array) => Content}
 */
export function once(read) {
  /** @type {WeakMap<Uint8Array, Content>} */
  const known = new WeakMap();
  return (bytes) => {
    let content = known.get(bytes);
    if (content === undefined) {
      content = read(bytes);
      known.set(bytes, content);
    }
    return content;
  };
}
