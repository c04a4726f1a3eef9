/** Calls of the desk's public API. Every failure is one error type, with the words that the patient may read. */

/** A call that did not succeed. `status` 0: nobody answered (no network, no server, or too late). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{title?: string, detail?: string, help?: string, errors?: {detail: string}[]}} [body] As in contracts/problem.json.
   * @param {number} [retryAfterMs] From Retry-After; 0 if it was not given.
   */
  constructor(status, body = {}, retryAfterMs = 0) {
    super([body.detail || body.title, ...(body.errors || []).map(({ detail }) => detail)].filter(Boolean).join(" "));
    this.status = status;
    this.help = body.help || "";
    this.retryAfterMs = retryAfterMs;
  }

  /** The key to the chat is not, or no longer, good. */
  get lostChat() {
    return this.status === 401 || this.status === 404;
  }

  /** Sending the same again can succeed. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const asJson = async (response) => {
  try {
    return await response.json();
  } catch {
    return {};
  }
};

/**
 * @param {{desk: string, fetch?: typeof fetch, timeoutMs?: number}} options
 * @returns {(method: string, path: string, options?: {token?: string, body?: object, text?: boolean}) => Promise<any>}
 *   Resolves to the JSON body, to text if asked for, or to null for 204; rejects with Problem.
 */
export function createApi({ desk, fetch = globalThis.fetch.bind(globalThis), timeoutMs = 15_000 }) {
  return async (method, path, { token, body, text } = {}) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      const headers = { Accept: text ? "text/plain" : "application/json" };
      if (body) headers["Content-Type"] = "application/json";
      if (token) headers.Authorization = `Bearer ${token}`;
      // No cookie goes along, and the desk does not learn which page of the host the patient is reading.
      const response = await fetch(`${desk}/api/v1${path}`, {
        method, headers, body: body && JSON.stringify(body), signal: abort.signal,
        credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store",
      });
      if (!response.ok) {
        throw new Problem(response.status, await asJson(response), 1000 * (Number(response.headers.get("Retry-After")) || 0));
      }
      if (response.status === 204) return null;
      return await (text ? response.text() : response.json());
    } catch (error) {
      throw error instanceof Problem ? error : new Problem(0);
    } finally {
      clearTimeout(timer);
    }
  };
}
