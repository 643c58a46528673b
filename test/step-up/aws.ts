/** The services behind step-up but for its tables, on loopback: they do as they should, fail, or answer nonsense. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Json = Record<string, unknown>;

export class Aws {
  /** What each request is answered by. */
  state: 'works' | 'fails' | 'nonsense' = 'works';
  /** What was sent: texts of mails, and the answers to CloudFormation. */
  readonly sent: string[] = [];
  private readonly server: Server;
  private readonly attributes: Readonly<Record<string, string>>;
  private readonly mark: string;

  /** @param attributes of every user of the pool @param mark what failures and nonsense quote */
  constructor(attributes: Readonly<Record<string, string>>, mark: string) {
    this.attributes = attributes;
    this.mark = mark;
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** @returns its URL */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const send = (status: number, json: Json): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(json));
    };
    const { mark } = this;
    if (this.state === 'fails') send(500, { __type: 'InternalFailure', message: mark, Message: mark });
    else if (this.state === 'nonsense') send(200, { [mark]: mark, Plaintext: mark, UserAttributes: mark });
    else send(200, this.done(String(request.headers['x-amz-target']).split('.').at(-1) ?? '', body));
  }

  private done(operation: string, body: string): Json {
    switch (operation) {
      case 'AdminGetUser':
        return { UserAttributes: Object.entries(this.attributes).map(([Name, Value]) => ({ Name, Value })) };
      case 'Encrypt':
        return { CiphertextBlob: (JSON.parse(body) as { Plaintext: string }).Plaintext };
      case 'Decrypt':
        return { Plaintext: (JSON.parse(body) as { CiphertextBlob: string }).CiphertextBlob };
      case 'PutEvents':
        return { FailedEntryCount: 0, Entries: [] };
      default:
        this.sent.push(body);
        return { MessageId: 'message' };
    }
  }
}
