/** What a step-up challenge asks for, and the way through it without leaving the page. */
import type { Challenge } from './challenge';
import { element } from './dom';
import { send, type Answer, type Outgoing } from './send';
import { loginUrl, type Tried } from './tried';

const FACTORS: Readonly<Partial<Record<string, string>>> = {
  SOFTWARE_TOKEN_STEP_UP: 'the code that your authenticator app shows',
  SMS_STEP_UP: 'the code that was sent to your phone',
  EMAIL_STEP_UP: 'the code that was sent to your e-mail address',
};

/** @param again sends the request once more */
export function stepUpBox(
  challenge: Challenge,
  tried: Tried,
  request: Outgoing,
  again: () => void,
): HTMLElement {
  const { acrValues, maxAge } = challenge;
  const { server, helpers } = tried;
  const box = element('div', { class: 'step-up' }, element('h3', {}, 'A second proof is needed'));
  box.append(
    element(
      'p',
      {},
      'The API asks for ',
      element('code', {}, acrValues ?? 'a higher level'),
      maxAge === undefined ? '' : `, not older than ${maxAge} seconds`,
      ' (RFC 9470).',
    ),
  );
  const { initiateAuth, respondToChallenge, login } = helpers;
  if (initiateAuth !== undefined && respondToChallenge !== undefined) {
    const begin = element('button', { type: 'button' }, 'Prove it now');
    begin.addEventListener('click', () => {
      begin.remove();
      void answerChallenge(box, server, { initiateAuth, respondToChallenge }, request, again);
    });
    box.append(begin);
  } else if (login !== undefined) {
    const asked = {
      ...(acrValues === undefined ? {} : { acr_values: acrValues }),
      ...(maxAge === undefined ? {} : { max_age: maxAge }),
    };
    box.append(element('p', {}, element('a', { href: loginUrl(server, login, asked) }, 'Sign in again')));
  }
  return box;
}

async function answerChallenge(
  box: HTMLElement,
  server: string,
  paths: { readonly initiateAuth: string; readonly respondToChallenge: string },
  request: Outgoing,
  again: () => void,
): Promise<void> {
  const digest = request.headers['Content-Digest'];
  const asked = await post(server + paths.initiateAuth, {
    method: request.method,
    path: request.url.slice(server.length).split('?')[0] ?? '',
    ...(digest === undefined ? {} : { contentDigest: digest }),
  });
  const challenge = fieldsOf(asked);
  const { code, challengeId } = challenge;
  if (asked?.status !== 200 || typeof challengeId !== 'string') {
    const why =
      code === 'MAYBE_SOFTWARE_TOKEN_STEP_UP'
        ? 'You have no factor that this sign-in may use. Enrol one, or sign in again after enrolling.'
        : refusalOf(asked);
    box.append(element('p', { class: 'warning' }, why));
    return;
  }
  const input = element('input', {
    id: 'step-up-code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    maxlength: '6',
  });
  const label = element('label', { for: 'step-up-code' }, `Enter ${FACTORS[String(code)] ?? 'the code'}`);
  const confirm = element('button', { type: 'button' }, 'Confirm and send again');
  const said = element('p', { role: 'status' });
  const answer = async (): Promise<void> => {
    const body = { challengeId, 'challenge-response': input.value.trim() };
    const answered = await post(server + paths.respondToChallenge, body);
    if (answered?.status === 200) again();
    else said.textContent = refusalOf(answered);
  };
  confirm.addEventListener('click', () => void answer());
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    // the form around it would send the request
    event.preventDefault();
    void answer();
  });
  box.append(label, input, confirm, said);
  input.focus();
}

function post(url: string, body: object): Promise<Answer | undefined> {
  return send({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/json', 'X-Sallyport-CSRF': '1' },
    body: JSON.stringify(body),
  });
}

function fieldsOf(answer: Answer | undefined): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(answer?.body ?? '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}

function refusalOf(answer: Answer | undefined): string {
  if (answer === undefined) return 'No answer. Try again.';
  const { title, reason } = fieldsOf(answer);
  const words = [title, reason].filter((part) => typeof part === 'string').join(', ');
  return `Refused: ${words === '' ? '' : `${words} `}(${answer.status}).`;
}
