/** One chat on the desk and the calls that are about it; the transport builds on this. */
import { createApi } from "./http.js";

/** Addressed where no chat could be opened: the desk screens a patient's words before it looks at the address. */
const NO_CHAT = "A".repeat(22);

export class Chat {
  /** @param {{desk: string, fetch?: typeof fetch}} options */
  constructor({ desk, fetch }) {
    this.desk = desk;
    this.api = createApi({ desk, fetch });
    /** @type {{id: string, token: string}|null} */
    this.chat = null;
  }

  /** @returns {string} The path of a call that is about this chat. */
  path(rest) {
    return `/conversations/${this.chat?.id || NO_CHAT}${rest}`;
  }

  /** @returns {Promise<any>} The JSON body; rejects with Problem. */
  call(method, rest, body) {
    return this.api(method, this.path(rest), { token: this.chat?.token, body });
  }

  /** @param {number} seq @param {boolean} helpful */
  rate(seq, helpful) {
    return this.call("POST", `/messages/${seq}/feedback`, { helpful });
  }

  /** @returns {Promise<string>} The patient's own copy, as plain text. */
  transcript() {
    return this.api("GET", this.path("/transcript?format=text"), { token: this.chat?.token, text: true });
  }

  /** Puts off the time at which a quiet chat ends. @returns {Promise<string>} The new time. */
  async keepOpen() {
    const { closes_at: closesAt } = await this.call("POST", "/keepalive");
    return closesAt;
  }
}
