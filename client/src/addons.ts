/** Add-ons: which are installed, what they bring, and routes of their own. */
import { Api, type Connect } from "./api.js";
import type { components } from "./api-types.js";
import type { RequestOptions } from "./connection.js";

type Schemas = components["schemas"];

const ADDONS = "/api/addons";

/** The add-ons of this computer. */
export class Addons {
  readonly #api: Api;

  /** @param connect - Gives the connection of now. */
  constructor(connect: Connect) {
    this.#api = new Api(connect);
  }

  /** All that are installed, each with its versions. */
  list(options: { signal?: AbortSignal } = {}): Promise<readonly Schemas["AddonEntry"][]> {
    return this.#api.json("GET", ADDONS, undefined, options);
  }

  /** What this page gets of an add-on, with every operation's settings; starts it to look. */
  get(name: string, options: { signal?: AbortSignal } = {}): Promise<Schemas["AddonDetails"]> {
    return this.#api.json("GET", `${ADDONS}/${encodeURIComponent(name)}`, undefined, options);
  }

  /**
   * Calls a route that an add-on declares.
   *
   * @param path - Below the add-on's own, without a slash at its start.
   */
  send(
    name: string,
    method: string,
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ): Promise<Response> {
    return this.#api.send(method, `${ADDONS}/${encodeURIComponent(name)}/${path}`, body, options);
  }
}
