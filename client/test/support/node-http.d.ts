/** The little of Node's server that tests need. */

declare module "node:http" {
  export interface IncomingMessage extends AsyncIterable<Uint8Array> {
    readonly method?: string;
    readonly url?: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
  }
  export interface ServerResponse {
    writeHead(status: number, headers: Readonly<Record<string, string>>): ServerResponse;
    end(body?: string): void;
  }
  export interface Server {
    listen(port: number, host: string, listening: () => void): void;
    address(): { readonly port: number } | null;
    close(closed: () => void): void;
    closeAllConnections(): void;
  }
  export function createServer(
    handle: (request: IncomingMessage, answer: ServerResponse) => void,
  ): Server;
}
