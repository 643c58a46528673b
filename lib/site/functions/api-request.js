// Viewer request of the API: takes the prefix off, and leads a navigation without a session to the login.
const PREFIX = '/api';
const LOGIN_HEADER = 'sallyport-login';

function handler(event) {
  const request = event.request;
  const uri = request.uri;
  // what the front door believes of this header is for this function alone to say
  delete request.headers[LOGIN_HEADER];
  // the normalized path may begin with the prefix where the path as it was sent does not
  if (uri.indexOf(PREFIX + '/') !== 0 || UNCLEAR.test(uri)) return notFound();
  request.uri = uri.slice(PREFIX.length);
  if (!isNavigation(request) || !isOpenedBySession(request.uri)) return request;
  const login = PREFIX + LOGIN_PATH + '?returnTo=' + encodeURIComponent(uri + queryOf(request.querystring));
  for (let at = 0; at < COOKIES.length; at++) {
    if (request.cookies[COOKIES[at]] !== undefined) {
      // whether the session still lives, the front door finds out; its refusal then leads to the login
      request.headers[LOGIN_HEADER] = { value: login };
      return request;
    }
  }
  const site = only(request.headers['sec-fetch-site']);
  return site === 'same-origin' || site === 'none' ? see(login) : askAgain();
}

// Fetch Metadata (W3C, sections 2.1 and 2.2): a page in a tab of its own, and not a script, a frame or an image.
function isNavigation(request) {
  return (
    request.method === 'GET' &&
    only(request.headers['sec-fetch-mode']) === 'navigate' &&
    only(request.headers['sec-fetch-dest']) === 'document' &&
    request.headers.authorization === undefined
  );
}

function only(header) {
  if (header === undefined) return undefined;
  return header.multiValue !== undefined && header.multiValue.length > 1 ? undefined : header.value;
}

// TEMPLATES are in the order in which the gateway prefers them; `*` stands for a path parameter.
function isOpenedBySession(path) {
  const parts = path.split('/');
  for (let at = 0; at < TEMPLATES.length; at++) {
    const template = TEMPLATES[at][0].split('/');
    let fits = template.length === parts.length;
    for (let i = 0; fits && i < parts.length; i++) {
      fits = template[i] === '*' ? parts[i] !== '' : template[i] === parts[i];
    }
    if (fits) return TEMPLATES[at][1] === 1;
  }
  return false;
}

function queryOf(querystring) {
  const pairs = [];
  const names = Object.keys(querystring);
  for (let at = 0; at < names.length; at++) {
    const entry = querystring[names[at]];
    const values = entry.multiValue === undefined ? [entry] : entry.multiValue;
    for (let i = 0; i < values.length; i++) pairs.push(names[at] + '=' + values[i].value);
  }
  return pairs.length === 0 ? '' : '?' + pairs.join('&');
}

function see(place) {
  return {
    statusCode: 303,
    statusDescription: 'See Other',
    headers: { location: { value: place }, 'cache-control': { value: 'no-store' } },
  };
}

// A SameSite=Strict cookie stays at home when another site leads here, be it a link in a mail or the login pages
// themselves. So the browser is asked to come again by itself: that is of the same site, and the cookie comes along.
function askAgain() {
  return {
    statusCode: 200,
    statusDescription: 'OK',
    headers: {
      refresh: { value: '0' },
      'content-type': { value: 'text/html; charset=utf-8' },
      'cache-control': { value: 'no-store' },
      'content-security-policy': { value: "default-src 'none'; frame-ancestors 'none'" },
      'referrer-policy': { value: 'no-referrer' },
      'x-content-type-options': { value: 'nosniff' },
    },
    body: '<!doctype html><html lang="en"><title>One moment</title><p><a href="">Continue</a></p></html>',
  };
}
