/** Files of the built web app, as the bucket behind the distribution holds them. */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

export interface SiteFile {
  readonly type: string;
  readonly content: Buffer;
}

/** @param path as it was asked for, percent-encoded; `null` where there is no such file */
export async function siteFile(folder: string, path: string): Promise<SiteFile | null> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  const file = join(folder, decoded);
  // a bucket has no folder above it
  if (!file.startsWith(folder + sep) || /[\0\\]/.test(decoded)) return null;
  try {
    return { type: TYPES[extname(file)] ?? 'application/octet-stream', content: await readFile(file) };
  } catch {
    return null;
  }
}
