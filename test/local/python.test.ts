/** Environments of programs in Python: which Python, what is there afterwards, and after trouble. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EMULATOR_PACKAGES } from '../../local/emulator';
import { ensurePython, findPython, PythonError } from '../../tools/_kit/python';

test.each(['3.10', '3.13', '4.0'])('Python %s runs the emulator', (version) => {
  expect(findPython(EMULATOR_PACKAGES, () => version)).toBe('python3');
});

test('a Python under another name is taken where the first ones are too old', () => {
  const versions: Readonly<Record<string, string>> = { python3: '3.9', python: '2.7', 'python3.11': '3.11' };

  expect(findPython(EMULATOR_PACKAGES, (name) => versions[name])).toBe('python3.11');
});

test.each([
  [{}, 'found none. Install it'],
  [{ python3: '3.9', python: '2.7' }, 'found only: python3 is 3.9, python is 2.7. Install it'],
  [{ python3: '' }, 'found only: python3 is . Install it'],
])('without one that is new enough, %j, it is said what was found and what to do', (versions, said) => {
  const find = (): string =>
    findPython(EMULATOR_PACKAGES, (name) => (versions as Record<string, string>)[name]);

  expect(find).toThrow(PythonError);
  expect(find).toThrow(`Python 3.10 or newer runs the emulator; ${said}`);
  expect(find).toThrow('npm start -- --endpoint URL');
});

describe('an environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-python-'));
  const venv = join(folder, 'venv');
  const requirements = join(folder, 'requirements.txt');
  const said: string[] = [];
  const ensure = (content: string): Promise<string> => {
    writeFileSync(requirements, content);
    said.length = 0;
    return ensurePython(venv, { name: 'nothing', requirements }, (line) => said.push(line));
  };

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('is made once, anew for other packages, and stands as it was when that fails', async () => {
    const python = await ensure('# none\n');

    expect(python.startsWith(venv)).toBe(true);
    expect(said).toEqual([
      '  installing nothing (Python packages, once) ...',
      expect.stringMatching(/done after/) as string,
    ]);
    expect(await ensure('# none\n')).toBe(python);
    expect(said).toEqual([]);

    const failing = ensure('not = a requirement\n');

    await expect(failing).rejects.toThrow(PythonError);
    await expect(failing).rejects.toThrow(/^pip cannot install nothing; is the package index reachable\?/);
    expect(readdirSync(folder).sort()).toEqual(['requirements.txt', 'venv']);
    expect(await ensure('# none\n')).toBe(python);
    expect(said).toEqual([]);
  }, 180_000);
});
