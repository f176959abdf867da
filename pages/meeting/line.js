// A browser's line to its room, over the app's own server. It is taken up again where it breaks.

import { addressOf } from "../shared/components/addresses.js";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;
const MOST_WAITING = 65536; // bytes that the network has not taken yet: what moves on is left out

export class Line {
  /**
   * @param {string} key of the room
   * @param {object} first what this browser says when the line is there
   * @param {(message: import("./types.js").Message) => void} hear also told whether the line is there
   */
  constructor(key, first, hear) {
    this.key = key;
    this.first = first;
    this.hear = hear;
    this.wait = FIRST_WAIT_MS;
    this.isOver = false;
    this.timer = 0;
    this.open();
  }

  open() {
    const socket = new WebSocket(addressOf(`room/${this.key}`).replace(/^http/, "ws"));
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.wait = FIRST_WAIT_MS;
      socket.send(JSON.stringify(this.first));
      this.hear({ kind: "line", is_there: true });
    });
    socket.addEventListener("message", ({ data }) => this.take(JSON.parse(data)));
    socket.addEventListener("close", () => this.lose(socket));
  }

  /** @param {import("./types.js").Message} message */
  take(message) {
    if (message.kind === "closed") this.isOver = true;
    this.hear(message);
  }

  /** @param {WebSocket} socket */
  lose(socket) {
    if (this.isOver || socket !== this.socket) return;
    this.hear({ kind: "line", is_there: false });
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
  }

  /**
   * Sends something, where the line is there and takes it. Whether it did.
   * @param {object} message
   */
  say(message) {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > MOST_WAITING) return false;
    socket.send(JSON.stringify(message));
    return true;
  }

  /** Ends it for good. */
  close() {
    this.isOver = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }
}
