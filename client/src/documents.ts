/** Documents: found by name, made, listed, deleted. */
import { Api, type Connect } from "./api.js";
import type { components } from "./api-types.js";
import { type Cancelable, Document } from "./document.js";
import { FlatbedError, isError } from "./errors.js";
import { newKey, withQuery } from "./http.js";

type Schemas = components["schemas"];
type Answer = Schemas["DocumentAnswer"];

/** A document in a list. */
export type DocumentEntry = Readonly<Schemas["DocumentEntry"]>;

/** How a document is opened. */
export interface OpenOptions extends Cancelable {
  /** Makes it if there is none of that name. */
  readonly create?: boolean | undefined;
  /** Of a document that has one, or is to have one; at most 32 characters. */
  readonly password?: string | undefined;
}

const DOCUMENTS = "/api/storage/documents";
const NOT_FOUND = 404;
const NOT_FOUND_NUMBER = -1040;

/** The documents of this page's origin. */
export class Documents {
  readonly #api: Api;

  /** @param connect - Gives the connection of now. */
  constructor(connect: Connect) {
    this.#api = new Api(connect);
  }

  /**
   * The document of a name: the same one after a reload.
   *
   * @throws FlatbedError `document_not_found` without `create`; `wrong_password`.
   */
  async open(name: string, options: OpenOptions = {}): Promise<Document> {
    const [found] = await this.list({ name, signal: options.signal });
    if (found !== undefined) {
      return this.get(found.uid, options);
    }
    if (options.create !== true) {
      throw noSuchDocument(name);
    }
    return this.#createOrGet(name, options);
  }

  /** Makes an empty document, with or without a name. */
  async create(options: { name?: string } & Omit<OpenOptions, "create"> = {}): Promise<Document> {
    const { name, password, signal } = options;
    const sent = { signal, idempotencyKey: newKey() };
    const answer = await this.#api.json<Answer>("POST", DOCUMENTS, { name, password }, sent);
    return new Document(this.#under(password), answer);
  }

  /** A document by its uid. */
  async get(uid: string, options: Omit<OpenOptions, "create"> = {}): Promise<Document> {
    const api = this.#under(options.password);
    const path = `${DOCUMENTS}/${encodeURIComponent(uid)}`;
    const { signal } = options;
    return new Document(api, await api.json("GET", path, undefined, { signal }));
  }

  /** All of them, or the one of a name. */
  list(options: { name?: string | undefined } & Cancelable = {}): Promise<DocumentEntry[]> {
    const { name, signal } = options;
    return this.#api.json("GET", withQuery(DOCUMENTS, { name }), undefined, { signal });
  }

  /** Deletes a document by its uid; this needs no password. */
  async delete(uid: string, options: Cancelable = {}): Promise<void> {
    await this.#api.send("DELETE", `${DOCUMENTS}/${encodeURIComponent(uid)}`, undefined, options);
  }

  async #createOrGet(name: string, { password, signal }: OpenOptions): Promise<Document> {
    try {
      return await this.create({ name, password, signal });
    } catch (error) {
      const uid = isError(error, "name_taken") ? error.details.uid : undefined;
      if (typeof uid === "string") {
        // Another tab was quicker.
        return this.get(uid, { password, signal });
      }
      throw error;
    }
  }

  #under(password: string | undefined): Api {
    return password === undefined ? this.#api : this.#api.with({ "DWT-DOC-PASSWORD": password });
  }
}

function noSuchDocument(name: string): FlatbedError {
  return new FlatbedError({
    code: "document_not_found",
    number: NOT_FOUND_NUMBER,
    status: NOT_FOUND,
    message: `There is no document '${name}'. Create it first.`,
  });
}
