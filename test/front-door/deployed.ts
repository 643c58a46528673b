/** The authorizer as it is deployed: the bundle that the construct makes, in a process of its own. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, AssetStaging, Stack } from 'aws-cdk-lib';

import { bundledCode } from '../../lib/_kit/bundle';

const LAMBDAS = join(__dirname, '../../lambdas');

/** What stands for the Lambda runtime: one event in, one result or one error message out. */
const RUNTIME = `
const { handler } = require(process.argv[2]);
process.on('message', async ({ id, event }) => {
  try { process.send({ id, result: await handler(event) }); }
  catch (error) { process.send({ id, error: error instanceof Error ? error.message : String(error) }); }
});
process.send({ id: 0 });
`;

export type Invocation = { readonly result: unknown } | { readonly error: string };

/** A function as the construct deploys it. */
export class Deployed {
  private readonly pending = new Map<number, (invocation: Invocation) => void>();
  private readonly child: ChildProcess;
  private readonly folder: string;
  private last = 0;
  private written = '';

  private constructor(folder: string, bundle: string, environment: Readonly<Record<string, string>>) {
    this.folder = folder;
    const runtime = join(folder, 'runtime.cjs');
    writeFileSync(runtime, RUNTIME);
    // nothing of this process's environment, as in Lambda; `advanced` carries undefined and NaN as they are
    this.child = fork(runtime, [bundle], { env: environment, silent: true, serialization: 'advanced' });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.written += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.written += chunk.toString()));
    this.child.on('message', (message: { id: number } & Invocation) => {
      this.pending.get(message.id)?.(
        'error' in message ? { error: message.error } : { result: message.result },
      );
      this.pending.delete(message.id);
    });
    this.child.on('exit', () => {
      for (const settle of this.pending.values()) settle({ error: `the process ended: ${this.written}` });
    });
  }

  /**
   * Bundles and starts one handler.
   *
   * @param handler path below lambdas/
   * @param files further files of the asset, by name
   */
  static async start(
    handler: string,
    environment: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>> = {},
  ): Promise<Deployed> {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-deployed-'));
    const stack = new Stack(new App({ outdir: join(folder, 'out') }), 'Stack');
    bundledCode(join(LAMBDAS, handler), files).bind(stack);
    const staged = stack.node.findAll().find((node) => node instanceof AssetStaging);
    const bundle = join(staged?.absoluteStagedPath ?? '', 'index.js');
    const deployed = new Deployed(folder, bundle, environment);
    await new Promise((resolve) => deployed.pending.set(0, resolve));
    return deployed;
  }

  /** What the function has written to standard output and standard error. */
  get output(): string {
    return this.written;
  }

  invoke(event: unknown): Promise<Invocation> {
    const id = (this.last += 1);
    return new Promise((resolve) => {
      this.pending.set(id, resolve);
      this.child.send({ id, event }, (failure) => {
        if (failure !== null) resolve({ error: `the process is gone: ${this.written}` });
      });
    });
  }

  /** Waits until everything it wrote is in `output`, and removes its files. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    // pipes are written synchronously, so nothing that was answered is missing from them
    this.child.kill();
    await closed;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
