// Keeps what Python sends under a name until its place on the page goes; see parcels.js for who waits for it.

/** @param {import("./types.js").Component} component */
export default function keepParcel({ name, data, setTriggerValue }) {
  const parcel = { data, send: setTriggerValue };
  const all = (globalThis.parcels ??= new Map());
  all.set(name, parcel);
  dispatchEvent(new Event(`parcel:${name}`));
  return () => {
    if (all.get(name) === parcel) all.delete(name);
  };
}
