/** Processes of the local environment, remembered across commands, and ended only when they are really ours. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Remembered {
  readonly pid: number;
  /** A random argument of the process: a stranger that got the same process id does not have it. */
  readonly marker: string;
}

/** An argument that marks one process of ours. */
export function newMarker(): string {
  return `sallyport-${randomBytes(8).toString('hex')}`;
}

export function remember(home: string, name: string, entry: Remembered): void {
  mkdirSync(join(home, 'run'), { recursive: true });
  writeFileSync(file(home, name), JSON.stringify(entry));
}

export function forget(home: string, name: string): void {
  rmSync(file(home, name), { force: true });
}

/** The process remembered under this name, if it still runs and is ours. */
export function running(home: string, name: string): Remembered | null {
  if (!existsSync(file(home, name))) return null;
  const entry = parseRemembered(readFileSync(file(home, name), 'utf8'));
  if (entry === null || !isOurs(entry, commandOf(entry.pid))) {
    forget(home, name);
    return null;
  }
  return entry;
}

export function parseRemembered(text: string): Remembered | null {
  try {
    const { pid, marker } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 1) return null;
    return typeof marker === 'string' && /^sallyport-[0-9a-f]{16}$/.test(marker) ? { pid, marker } : null;
  } catch {
    return null;
  }
}

/** Whether a command line is that of the remembered process. */
export function isOurs({ marker }: Remembered, command: string): boolean {
  return command.split(/\s+/).includes(marker);
}

/**
 * Asks a process of ours to end, and ends it and its group when it does not.
 *
 * @param graceMs how long it may take to save its state
 */
export async function end(entry: Remembered, graceMs = 20_000): Promise<void> {
  if (!signal(entry.pid, 'SIGTERM')) return;
  const deadline = Date.now() + graceMs;
  while (isOurs(entry, commandOf(entry.pid))) {
    if (Date.now() > deadline) {
      signal(entry.pid, 'SIGKILL');
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Ends what is left of the group a process led: functions the emulator had started. */
export function endGroup(leader: number): void {
  signal(-leader, 'SIGKILL');
}

/** Command line of a process, empty when there is none; `ps` is the same on Linux and macOS. */
function commandOf(pid: number): string {
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'stat=,command=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  // a zombie has ended and only waits to be collected
  return typeof stdout !== 'string' || /^\s*Z/.test(stdout) ? '' : stdout;
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

function file(home: string, name: string): string {
  return join(home, 'run', `${name}.json`);
}
