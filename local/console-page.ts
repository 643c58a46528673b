/** What the console's page says. */
import { revocationLines, scanLines, type CurlLine } from './curl-lines';
import type { Decision } from './decisions';
import { html, type Html } from './html';
import type { LocalOutputs } from './outputs';
import type { DemoUser } from './users';

export function consolePage(
  outputs: LocalOutputs,
  lines: readonly CurlLine[],
  decisions: readonly Decision[],
): Html {
  return html`<header>
      <h1>Sallyport, on this machine</h1>
      <p>
        An API behind a checked front door: openapi.yaml says who may call what, and the deployment enforces
        exactly that. This is the real deployment, made by the CDK into an emulator of AWS.
      </p>
      <nav aria-label="Places">
        <ul>
          <li><a href="${outputs.siteUrl}/">Site</a></li>
          <li><a href="${outputs.siteUrl}/api/ping">API</a></li>
          <li><a href="${outputs.siteUrl}/docs/">Documentation</a></li>
          <li><a href="/inbox">Inbox</a></li>
          <li><a href="/curl-lines.json">Requests as JSON</a></li>
          <li><a href="${outputs.emulatorUrl}/_ministack/health">Emulator</a></li>
        </ul>
      </nav>
    </header>
    <main>
      <section>
        <h2>Requests to try</h2>
        <p>Copy a line into a shell. The tokens are fresh: reload the page when they have expired.</p>
        ${lines.map(line)}
      </section>
      ${revocation(outputs)} ${dataScan(outputs)}
      <section>
        <h2>Last requests</h2>
        <p>
          What the front door decided, newest first, from its own log. Reload after a request. Public
          operations and requests that do not fit openapi.yaml do not get as far or need no decision.
        </p>
        ${decisions.length === 0 ? html`<p class="soft">None yet.</p>` : table(decisions)}
      </section>
      <section>
        <h2>People</h2>
        <p>
          Demonstration users of this machine's user pool; their passwords were made here and are used nowhere
          else.
        </p>
        <div class="wide" tabindex="0" role="region" aria-label="Demonstration users">
          <table>
            <thead>
              <tr>
                <th scope="col">E-mail</th>
                <th scope="col">Password</th>
                <th scope="col">Groups</th>
                <th scope="col">Who</th>
              </tr>
            </thead>
            <tbody>
              ${outputs.users.map(person)}
            </tbody>
          </table>
        </div>
      </section>
    </main>`;
}

function revocation(outputs: LocalOutputs): Html | string {
  const [revoke, takeBack] = revocationLines(outputs);
  if (revoke === undefined || takeBack === undefined) return '';
  return html`<section>
    <h2>Revoke a client certificate</h2>
    <p>
      In the project’s folder: the first line uploads a list of this machine’s CA that revokes partner-good
      too, and waits until it is published. The request with a client certificate is then refused within a
      second. The second line takes it back.
    </p>
    <pre tabindex="0" aria-label="Revoke">${revoke}</pre>
    <pre tabindex="0" aria-label="Take it back">${takeBack}</pre>
  </section>`;
}

function dataScan(outputs: LocalOutputs): Html | string {
  const [upload, start, decide] = scanLines(outputs);
  if (upload === undefined || start === undefined || decide === undefined) return '';
  return html`<section>
    <h2>Scan a file for sensitive data</h2>
    <p>
      The first line puts a file with the number of a test card into the raw bucket; the second, in the
      project’s folder, starts a run and waits until people must decide. It prints the link that is in the
      <a href="/inbox">inbox</a> too: open it, sign in as rita, and decide; the code comes by mail.
    </p>
    <pre tabindex="0" aria-label="Upload">${upload}</pre>
    <pre tabindex="0" aria-label="Start a run">${start}</pre>
    <p>Or decide in the shell:</p>
    <pre tabindex="0" aria-label="Decide">${decide}</pre>
  </section>`;
}

function line({ title, command, expectStatus, expectReason }: CurlLine): Html {
  const reason = expectReason === undefined ? '' : ` ${expectReason}`;
  return html`<article>
    <header>
      <h3>${title}</h3>
      <span class="${expectStatus < 400 ? 'good' : 'bad'}">${expectStatus}${reason}</span>
    </header>
    <pre tabindex="0" aria-label="Command">${command}</pre>
  </article>`;
}

function table(decisions: readonly Decision[]): Html {
  const rows = decisions.map(
    (decision) =>
      html`<tr>
        <td>${decision.time.slice(11, 19)}</td>
        <td>${decision.operation}</td>
        <td class="${decision.verdict === 'allow' ? 'good' : 'bad'}">${decision.verdict}</td>
        <td>${decision.reason}</td>
        <td>${decision.checks}</td>
        <td><code>${decision.requestId.slice(0, 8)}</code></td>
      </tr>`,
  );
  return html`<div class="wide" tabindex="0" role="region" aria-label="Last requests">
    <table>
      <thead>
        <tr>
          <th scope="col">Time (UTC)</th>
          <th scope="col">Operation</th>
          <th scope="col">Verdict</th>
          <th scope="col">Reason</th>
          <th scope="col">Checks</th>
          <th scope="col">Request</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function person({ email, password, groups, about }: DemoUser): Html {
  return html`<tr>
    <td>${email}</td>
    <td><code>${password}</code></td>
    <td>${groups.length === 0 ? 'none' : groups.join(', ')}</td>
    <td>${about}</td>
  </tr>`;
}
