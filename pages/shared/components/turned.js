// How a hand has turned what it looks at, told to Python when the hand rests. See turned.py of pages/shared.

const REST_MS = 400;

/** @typedef {Record<string, number>} Numbers by name; what is as usual is left out */

export class Turned {
  /**
   * @param {import("./parcels.js").Parcels} parcels
   * @param {string} name the parcel's
   */
  constructor(parcels, name) {
    this.parcels = parcels;
    this.name = name;
    this.taken = "";
    this.told = "";
    /** @type {number | undefined} the address, counted, that numbers were taken of */
    this.arrival = undefined;
    this.timer = 0;
  }

  /**
   * Whether it is known how this begins.
   * @param {string} of
   */
  isThere(of) {
    return this.parcels.data(this.name)?.of === of;
  }

  /**
   * The numbers to begin with, once for each view of an address; undefined where they were taken, or have not come.
   * @param {string} of what is turned
   * @returns {Numbers | undefined}
   */
  begin(of) {
    const data = this.parcels.data(this.name);
    const stamp = `${data?.arrival} ${of}`;
    if (data?.of !== of || this.taken === stamp) return undefined;
    clearTimeout(this.timer);
    this.taken = stamp;
    this.arrival = data.arrival;
    this.told = stampOf(of, data.numbers);
    return data.numbers;
  }

  /**
   * @param {string} of what is turned
   * @param {Numbers} numbers
   */
  tell(of, numbers) {
    clearTimeout(this.timer);
    if (this.told === stampOf(of, numbers)) return;
    this.timer = setTimeout(() => {
      this.told = stampOf(of, numbers);
      this.parcels.send(this.name, "turned", { of, numbers, arrival: this.arrival });
    }, REST_MS);
  }
}

/**
 * @param {string} of
 * @param {Numbers} numbers
 */
function stampOf(of, numbers) {
  const pairs = Object.keys(numbers).sort();
  return JSON.stringify([of, ...pairs.map((name) => [name, numbers[name]])]);
}

/**
 * The numbers that are not as usual, each with so many digits after the point.
 * @param {Numbers} numbers
 * @param {Numbers} usual
 * @param {number} digits
 * @returns {Numbers}
 */
export function unusual(numbers, usual, digits) {
  const rounded = Object.entries(numbers).map(([name, value]) => /** @type {const} */ ([name, round(value, digits)]));
  return Object.fromEntries(rounded.filter(([name, value]) => value !== round(usual[name], digits)));
}

/**
 * @param {number} value
 * @param {number} digits
 */
function round(value, digits) {
  return Number(value.toFixed(digits));
}
