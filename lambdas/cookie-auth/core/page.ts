/** The one page this back end shows to people: that a sign-in did not work, and what to do. */

/** Why a sign-in did not work. */
export type SignInProblem =
  | 'login_unknown'
  | 'registration_unsupported'
  | 'access_denied'
  | 'provider_error'
  | 'code_refused'
  | 'tokens_unverified'
  | 'not_proven'
  | 'provider_unavailable'
  | 'provider_slow';

const WORDS: Readonly<Record<SignInProblem, readonly [title: string, what: string]>> = {
  login_unknown: [
    'This sign-in is no longer valid',
    'It was started in another browser, took more than ten minutes, or has been used already.',
  ],
  registration_unsupported: [
    'You cannot register here',
    'The identity provider does not let people create an account from this site. Ask whoever runs it for one.',
  ],
  access_denied: [
    'You were not signed in',
    'You, or the identity provider on your behalf, declined to sign in here.',
  ],
  provider_error: [
    'You were not signed in',
    'The identity provider could not complete the sign-in and reported an error.',
  ],
  code_refused: [
    'This sign-in is no longer valid',
    'The identity provider does not accept its confirmation any more; it may have been used already.',
  ],
  tokens_unverified: [
    'You were not signed in',
    'What the identity provider sent could not be verified, so it was not used.',
  ],
  not_proven: [
    'This did not prove enough',
    'The identity provider confirmed another person, a weaker sign-in, or an older one than was asked for. You are still signed in as before.',
  ],
  provider_unavailable: [
    'Signing in does not work at the moment',
    'The identity provider cannot be reached or does not answer as it should. Please try again in a minute.',
  ],
  provider_slow: [
    'Signing in takes too long at the moment',
    'The identity provider did not answer in time. Please try again in a minute.',
  ],
};

/** Style of the page: readable in light and dark, at any width. */
const STYLE = `
:root { color-scheme: light dark; --text: #1b2328; --soft: #55616a; --back: #f5f6f3; --accent: #0b5f56; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6eaec; --soft: #a9b4bb; --back: #12171a; --accent: #67d3c1; }
}
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 36rem; margin: 0 auto; padding: 15vh 1rem 2rem; }
h1 { margin: 0 0 .75rem; font-size: 1.6rem; line-height: 1.2; }
a { display: inline-block; padding: .6rem 0; color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.soft { color: var(--soft); }
`;

/** A page as the answer of an operation carries it. */
interface Page {
  readonly body: string;
  readonly style: string;
  readonly mediaType: 'text/html';
}

/**
 * The page. Nothing of the request stands in it: texts of a callback's query may come from anybody.
 *
 * @param loginPath path that starts a new sign-in
 */
export function problemPage(problem: SignInProblem, loginPath: string): Page {
  const [title, what] = WORDS[problem];
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${what}</p>
<p><a href="${escape(loginPath)}">Sign in again</a> or <a href="/">go to the start page</a>.</p>
<p class="soft">Reason: <code>${problem}</code></p>
</main>
</body>
</html>
`;
  return { body, style: STYLE, mediaType: 'text/html' };
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
