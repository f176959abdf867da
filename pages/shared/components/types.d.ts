// What Streamlit hands to a component's script, and what this project adds to the page.

export interface Component {
  /** The name under which the component is registered. */
  name: string;
  data: any;
  parentElement: ParentNode;
  setTriggerValue: (event: string, value: unknown) => void;
}

export interface Parcel {
  data: any;
  send: Component["setTriggerValue"];
}

declare global {
  var parcels: Map<string, Parcel> | undefined;
  /** What a meeting shows over every page: `Meeting` of meeting.js, kept while pages come and go. */
  var meeting: any;
}
