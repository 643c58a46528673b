/** The one page this back end shows to people: that a sign-in did not work, and what to do. */

/** Why a sign-in did not work. */
export type SignInProblem =
  | 'login_unknown'
  | 'access_denied'
  | 'provider_error'
  | 'code_refused'
  | 'tokens_unverified'
  | 'provider_unavailable'
  | 'provider_slow';

const WORDS: Readonly<Record<SignInProblem, readonly [title: string, what: string]>> = {
  login_unknown: [
    'This sign-in is no longer valid',
    'It was started in another browser, took more than ten minutes, or has been used already.',
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
  provider_unavailable: [
    'Signing in does not work at the moment',
    'The identity provider cannot be reached or does not answer as it should. Please try again in a minute.',
  ],
  provider_slow: [
    'Signing in takes too long at the moment',
    'The identity provider did not answer in time. Please try again in a minute.',
  ],
};

/**
 * The page. Nothing of the request stands in it: texts of a callback's query may come from anybody.
 *
 * @param loginPath path that starts a new sign-in
 */
export function problemPage(problem: SignInProblem, loginPath: string): string {
  const [title, what] = WORDS[problem];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${what}</p>
<p><a href="${escape(loginPath)}">Sign in again</a> or <a href="/">go to the start page</a>.</p>
<p>Reason: <code>${problem}</code></p>
</main>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
