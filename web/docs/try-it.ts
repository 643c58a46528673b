/** The form of an operation: sends the request with the session of this browser, and shows what comes back. */
import { challengeOf } from './challenge';
import { element } from './dom';
import { digestOf, send, type Answer, type Outgoing } from './send';
import { stepUpBox } from './step-up';
import { loginUrl, type Tried } from './tried';

export function startTryIt(): void {
  const form = document.querySelector<HTMLFormElement>('form.try-it');
  const notice = document.querySelector<HTMLElement>('[data-without-script]');
  if (form === null || notice === null) return;
  const tried = JSON.parse(form.dataset['call'] ?? '{}') as Tried;
  const why = obstacle(tried);
  if (why !== undefined) {
    notice.textContent = why;
    return;
  }
  notice.hidden = true;
  form.hidden = false;
  void tellWho(form, tried);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit(form, tried);
  });
}

/** Why nothing can be sent from here. */
function obstacle({ server }: Tried): string | undefined {
  if (location.protocol === 'file:')
    return 'This page was opened from a folder. Operations can be tried on the site of the API; the samples below work from anywhere.';
  if (new URL(server, location.origin).origin !== location.origin)
    return `The API is at another address (${server}), which this page may not call. Use a sample below.`;
  return undefined;
}

const NO_API =
  'There is no API at this address: these pages are served without it. Operations can be tried on the site of the API.';

async function tellWho(form: HTMLFormElement, { needs, server, helpers }: Tried): Promise<void> {
  const who = form.querySelector<HTMLElement>('.who');
  if (who === null || !needs.some(({ kind }) => kind === 'session') || helpers.session === undefined) return;
  const answer = await send({ method: 'GET', url: server + helpers.session, headers: {} });
  if (answer === undefined || !isOfApi(answer)) {
    who.replaceChildren(NO_API);
    return;
  }
  if (answer.status === 200) {
    who.replaceChildren('You are signed in: the request goes out with your session.');
    return;
  }
  who.replaceChildren('You are not signed in.');
  if (helpers.login !== undefined) {
    who.append(
      ' ',
      element('a', { href: loginUrl(server, helpers.login) }, 'Sign in'),
      ' and come back here.',
    );
  }
}

async function submit(form: HTMLFormElement, tried: Tried): Promise<void> {
  const box = form.querySelector<HTMLElement>('.answer-box');
  const button = form.querySelector<HTMLButtonElement>('button[type=submit]');
  if (box === null || button === null) return;
  button.disabled = true;
  box.replaceChildren('Sending …');
  const request = await requestOf(form, tried);
  const answer = await send(request);
  button.disabled = false;
  if (answer === undefined) {
    box.replaceChildren(
      element('p', { class: 'warning' }, 'No answer. Check that you are online, then try again.'),
    );
    return;
  }
  box.replaceChildren(...answerParts(answer));
  if (!isOfApi(answer) && answer.status >= 400) box.prepend(element('p', { class: 'warning' }, NO_API));
  const challenge = challengeOf(answer.challenge);
  if (answer.status !== 401 || challenge === undefined) return;
  box.append(
    stepUpBox(challenge, tried, request, () => {
      void submit(form, tried);
    }),
  );
}

/** The request as the form says. */
async function requestOf(form: HTMLFormElement, tried: Tried): Promise<Outgoing> {
  const { method, path, server, type, digest, needs } = tried;
  const entries = new FormData(form);
  const valueOf = (name: string): string => {
    const value = entries.get(name);
    return typeof value === 'string' ? value : '';
  };
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  for (const name of entries.keys()) {
    const [place = '', key = ''] = name.split(' ');
    if (valueOf(name) === '') continue;
    if (place === 'header') headers[key] = valueOf(name);
    if (place === 'query') query.append(key, valueOf(name));
  }
  for (const { kind, name, in: place } of needs) {
    const credential = valueOf(`credential ${name}`);
    if (kind === 'bearer') headers['Authorization'] = `Bearer ${credential}`;
    if (kind === 'key' && place === 'header') headers[name] = credential;
    if (kind === 'key' && place === 'query') query.append(name, credential);
  }
  const bySession = needs.some(({ kind }) => kind === 'session');
  if (bySession && !['GET', 'HEAD', 'OPTIONS'].includes(method)) headers['X-Sallyport-CSRF'] = '1';
  const body = entries.has('body') ? valueOf('body') : undefined;
  if (type !== undefined) headers['Content-Type'] = type;
  if (digest && body !== undefined) headers['Content-Digest'] = await digestOf(body);
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(valueOf(`path ${name}`)),
  );
  const asked = query.size === 0 ? '' : `?${query.toString()}`;
  return { method, url: server + filled + asked, headers, ...(body === undefined ? {} : { body }) };
}

function answerParts(answer: Answer): Node[] {
  const headers = answer.headers.map(([name, value]) => `${name}: ${value}\n`).join('');
  const shownBody = answer.body === '' ? '(no body)' : answer.body;
  return [
    element(
      'p',
      {},
      element('span', { class: `status s${String(answer.status).charAt(0)}` }, String(answer.status)),
      ` ${answer.statusText}`,
    ),
    element('pre', { tabindex: '0', 'aria-label': 'Body of the answer' }, element('code', {}, shownBody)),
    element(
      'details',
      {},
      element('summary', {}, 'Headers of the answer'),
      element('pre', { tabindex: '0', 'aria-label': 'Headers of the answer' }, element('code', {}, headers)),
    ),
  ];
}

/** A static server answers with a page of its own. */
function isOfApi({ type, status }: Answer): boolean {
  return status === 204 || /json/.test(type);
}
